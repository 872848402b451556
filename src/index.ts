export { apiKey } from "./auth/api-key/api-key.ts";
export { type ApiKeyPepper, type ApiKeySecret, hashApiKey } from "./auth/api-key/hash.ts";
export {
  apiKeyPattern,
  type GenerateApiKeyOptions,
  type GeneratedApiKey,
  generateApiKey,
} from "./auth/api-key/key-format.ts";
export type { ApiKeyEntry, ApiKeyIdentity, ApiKeyLookup, ApiKeyRecord } from "./auth/api-key/lookup.ts";
export type { ApiKeyOptions } from "./auth/api-key/options.ts";
export { anyOf, type IdentityOf, optional } from "./auth/compound.ts";
export type {
  ClientIpOptions,
  DirectPeer,
  TrustedHeader,
  TrustedHops,
  TrustedProxies,
} from "./client-ip/client-ip.ts";
export type {
  Check,
  CheckOutcome,
  CommonConfig,
  Extended,
  FactsOf,
  KeptFacts,
  PolicyConfig,
  RouteOverride,
  WithConfig,
} from "./config.ts";
export { ConfigError, type ConfigIssue } from "./config-error.ts";
export type { ContentOptions } from "./content/content.ts";
export { withBody } from "./content/counted-request.ts";
export type { DescribeIssue, SchemaPart } from "./content/schemas.ts";
export type {
  AnySchema,
  InferInput,
  InferOutput,
  SchemaIssue,
  SchemaResult,
  StandardSchema,
} from "./content/standard-schema.ts";
export type { CorsAnyOrigin, CorsListed, CorsOptions, CorsPassthrough, ValidOrigin } from "./cors/cors-options.ts";
export type { CrossOriginOptions } from "./cors/cross-origin-options.ts";
export type {
  EventBase,
  HandlerErrorEvent,
  LimitedEvent,
  OnEvent,
  OutageEvent,
  PolicyEvent,
  RecoveredEvent,
  RefusedEvent,
  WarningCode,
  WarningEvent,
} from "./events.ts";
export type { ContentSecurityPolicyOptions, ContentSecurityPolicySource } from "./headers/content-security-policy.ts";
export type { HeadersOptions } from "./headers/headers.ts";
export type { PermissionsPolicyFeature, PermissionsPolicyOptions } from "./headers/permissions-policy.ts";
export type { StrictTransportSecurityOptions } from "./headers/transport-security.ts";
export type { MaybePromise } from "./lib/maybe-promise.ts";
export { optionsHandler } from "./methods.ts";
export { nativePlatform } from "./platform.ts";
export { policy } from "./policy.ts";
export type { ContextOf, Policy, PolicyDescription, Prepare, Prepared, Tightening } from "./policy-interface.ts";
export {
  type Problem,
  type ProblemArguments,
  type ProblemCode,
  type ProblemOptions,
  problem,
  type Refusal,
} from "./problem.ts";
export type { AuthFailuresOptions } from "./rate-limit/auth-failures.ts";
export type { RateLimitFieldFamily } from "./rate-limit/fields.ts";
export type { KeyFacts, RateLimitOptions, RateLimits } from "./rate-limit/rate-limit.ts";
export type {
  ConsumeOptions,
  Limit,
  LimitCheck,
  RateLimitAlgorithm,
  RateLimitStore,
  Verdict,
} from "./rate-limit/store.ts";
export { type MemoryStoreOptions, memoryStore } from "./rate-limit/stores/memory.ts";
export type { RenderedProblem, RenderProblem } from "./render-problem.ts";
export type { RequestIdOptions } from "./request-id/request-id.ts";
export type { Requirements } from "./requirements.ts";
export { secure } from "./secure.ts";
export type {
  Added,
  Anonymous,
  Authenticator,
  AuthState,
  FetchHandler,
  Flat,
  Handler,
  Identity,
  Loosen,
  Platform,
  PlatformTraits,
  RequestContext,
  ScopeOf,
  ThisPolicyHasNoAuth,
  Tightened,
  Verified,
} from "./types.ts";
