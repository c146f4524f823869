/** Values as the command line takes them, `amount=1500 currency=JPY`; a part without a name belongs to the one before. */
export function overridesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let name = "";
  for (const part of text.split(/\s+/).filter(Boolean)) {
    const at = part.indexOf("=");
    if (at > 0) {
      name = part.slice(0, at);
      found[name] = part.slice(at + 1);
    } else if (name) {
      found[name] = `${found[name]} ${part}`;
    }
  }
  return found;
}
