"""Imports many models in one process, for the test that goes through the grids of the libraries' options.

    import_models.py --folder DIR

DIR/imports.json lists the cases: `[{ "name", "features": names or null, "data": has labelled leads }]`. DIR/NAME.predictor.json is a
model, DIR/NAME.spec.json its spec, DIR/NAME.csv its labelled leads. DIR/packages/NAME gets the package; DIR/refusals.json tells
what is refused: `{ NAME: message }`.
"""

import argparse
import json
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from leadgauge.importing import package
from leadgauge.importing.columns import ColumnError
from leadgauge.importing.origin import Origin
from leadgauge.importing.package import ImportingError, import_model
from leadgauge.package.predictor_file import read_predictor
from leadgauge.spec_reader import load_spec
from leadgauge.training.data import load_lead_data

# What a grid is about are margins: fewer leads to take percentiles from take less time.
package.SAMPLED_LEADS = 400


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    folder = parser.parse_args().folder
    warnings.simplefilter("ignore")
    refusals: dict[str, str] = {}
    for case in json.loads((folder / "imports.json").read_text(encoding="utf-8")):
        name = case["name"]
        spec = load_spec(folder / f"{name}.spec.json")
        data = load_lead_data(folder / f"{name}.csv", spec, as_of=None) if case["data"] else None
        out = folder / "packages" / name
        out.mkdir(parents=True)
        document = read_predictor(folder / f"{name}.predictor.json")
        origin = Origin(name, "0" * 64, 0, seed=0)
        try:
            import_model(spec, document, data, origin, out, feature_names=case["features"])
        except (ColumnError, ImportingError) as error:
            refusals[name] = str(error)
        except Exception as error:
            error.add_note(f"while {name} was imported")
            raise
    (folder / "refusals.json").write_text(json.dumps(refusals), encoding="utf-8")


if __name__ == "__main__":
    main()
