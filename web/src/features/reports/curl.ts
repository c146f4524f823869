type Request = {
  method: string;
  path: string;
  query: string;
  request_body: string | null;
  idempotency_key: string | null;
};

/** The request as a command for a shell; the key is left to be filled in from the environment. */
export function asCurl(request: Request, origin: string): string {
  const query = request.query ? `?${request.query}` : "";
  const parts = [
    `curl -X ${request.method} ${quoted(origin + request.path + query)}`,
    '-H "Authorization: Bearer $SPECIE_API_KEY"',
    ...(request.idempotency_key ? [`-H ${quoted(`Idempotency-Key: ${request.idempotency_key}`)}`] : []),
    ...(request.request_body
      ? ["-H 'Content-Type: application/json'", `--data-raw ${quoted(request.request_body)}`]
      : []),
  ];
  return parts.join(" \\\n  ");
}

// In single quotes a shell reads everything as it is, except for the quote itself.
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
