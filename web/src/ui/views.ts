/** A list's filters under a name; `search` is the query string that holds them. */
export type View = { name: string; search: string };

/** The views with this one among them; a view of the same name gives way. */
export function withView(views: View[], view: View): View[] {
  const others = views.filter((each) => each.name !== view.name);
  return [...others, view].sort((one, other) => one.name.localeCompare(other.name));
}

/** The views without the one of this name. */
export function withoutView(views: View[], name: string): View[] {
  return views.filter((each) => each.name !== name);
}

/** Whether two query strings ask for the same, in whatever order. */
export function isSameSearch(one: string, other: string): boolean {
  const sorted = (search: string) => {
    const parameters = new URLSearchParams(search);
    parameters.sort();
    return parameters.toString();
  };
  return sorted(one) === sorted(other);
}
