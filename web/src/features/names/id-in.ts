/** The first id in a text such as `user:usr_01…` or `liability:wallets:pty_01…:main`; null without one. */
export function idIn(text: string): string | null {
  return /(?:^|[^a-z])([a-z]+_[0-9a-z]{26})(?![0-9a-z])/.exec(text)?.[1] ?? null;
}

const WORDS: Record<string, string> = { user: "Person", key: "API key", job: "Job", system: "System" };

/** Who acted, for people: `job:payments.expire` is "Job payments.expire". Without a colon the text stays as it is. */
export function actorWords(actor: string): string {
  const [kind = "", ...rest] = actor.split(":");
  return rest.length === 0 ? actor : `${WORDS[kind] ?? kind} ${rest.join(":")}`;
}
