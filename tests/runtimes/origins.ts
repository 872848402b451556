/** An origin that policies under test allow. */
export const app = "https://app.example.com";
/** Another one that they allow. */
export const other = "https://other.example.com";
/** One that none allows by name. */
export const foreign = "https://evil.example.net";
