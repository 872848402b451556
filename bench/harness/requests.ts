import type { PooledRequest } from "../contenders/settings.ts";

export const poolSize = 1024;

/** The nine fields that a browser's `fetch()` of another origin sends. */
export const clientFields = {
  accept: "application/json",
  "accept-language": "en-GB,en;q=0.9",
  authorization: "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEyMzQ1In0.c2lnbmF0dXJl",
  "cache-control": "no-cache",
  origin: "https://app.example.com",
  "sec-fetch-mode": "cors",
  "sec-fetch-site": "same-site",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
  "x-client-version": "4.2.0",
};

/** Requests of as many clients. */
export function makePool(): readonly PooledRequest[] {
  return Array.from({ length: poolSize }, (_, index) => {
    const request = new Request(`https://api.example.com/notes/${index}?full=1`, { headers: clientFields });
    return Object.assign(request, { ip: `203.0.${index >> 8}.${index & 255}` });
  });
}
