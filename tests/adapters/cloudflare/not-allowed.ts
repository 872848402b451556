/** What Workers refuse to load: a number out of nowhere, where there is no request yet. */
const id: string = crypto.randomUUID();

export default { fetch: (): Response => new Response(id) };
