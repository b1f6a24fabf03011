/** A variable that the function cannot do without. Throws, before anything is served, an error that names it and what it is for. */
export function requiredVariable(name: string, purpose: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: it has to be ${purpose}.`);
  return value;
}
