/** The query string of what is asked; what is empty is not asked. */
export const searchText = (values: Record<string, string>) =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "")).toString();
