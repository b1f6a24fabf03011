/** What parts that stand in more than one place of a spec must be: groups and number formats. */
import type { Report } from "./problem.ts";
import type { FeatureSpec } from "./schema.ts";

export function checkNumberFormat(
  format: FeatureSpec["numberFormat"],
  report: (message: string) => void,
): void {
  if (format !== undefined && format.decimal === format.group) {
    report(`is the decimal mark as well; use another mark, or null for none.`);
  }
}

const maximumMembers = 10_000;

export function checkMembers(
  groups: Readonly<Record<string, readonly string[]>>,
  normalise: (text: string) => string,
  report: Report,
): void {
  const owners = new Map<string, string>();
  let count = 0;
  for (const group of Object.keys(groups)) owners.set(normalise(group), group);
  if (owners.size < Object.keys(groups).length)
    report([], "names a group twice; case and spacing may not tell them apart.");
  for (const [group, members] of Object.entries(groups)) {
    members.forEach((member, index) => {
      count++;
      const owner = owners.get(normalise(member));
      if (owner !== undefined && owner !== group)
        report([group, index], `"${member}" belongs to the group "${owner}" already.`);
      owners.set(normalise(member), owner ?? group);
    });
  }
  if (count > maximumMembers) report([], `maps ${count} values; at most ${maximumMembers} are allowed.`);
}
