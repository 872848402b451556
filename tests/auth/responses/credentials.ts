export const issuer = "https://id.example.com/";
export const audience = "https://api.example.com";
export const resourceMetadata = "https://api.example.com/.well-known/oauth-protected-resource";
/** Known to the app and to the tests that sign with it. */
export const secret = "for tests only: known to everybody who reads this";

/** Keys that were generated once, and their hashes. */
export const keys = {
  good: {
    key: "acme_test_5F5mz6hvkn3M_SebGgi2t3vxdIvSRLsPwHh3PaBsn",
    hash: "dccebf09b5674fd5483e5e8d8c3f4e6ad1bd21bde26a398761d95351e07e2d1e",
  },
  expired: {
    key: "acme_test_o7IuUtGZMrn9_fCOIUKgxqWBN2H8Ug7C7ua0vKcNw",
    hash: "e1ed6dcbbc4b8a791c915b51974dbc4a1320e5c0026187dd242c042e4debeff6",
  },
  unreachable: {
    key: "acme_test_4tIHQtu4xQNZ_Wmt5K7G98Zmrv5hqiX7mya368drx",
    hash: "989edafaf6d48c6d304c3083ca00abf4f2ab947abe5c3ae89d278fe6fb0cabcf",
  },
} as const;
