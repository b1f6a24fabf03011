"""`leadgauge init`: a proposed feature spec for a file of leads nobody has described yet."""

from leadgauge.init.propose import ProposedSpec, propose_spec
from leadgauge.init.target import TargetError

__all__ = ["ProposedSpec", "TargetError", "propose_spec"]
