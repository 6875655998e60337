export type Bucket = "api" | "resolvers" | "pages";
export type Quotas = Readonly<Partial<Record<Bucket, number>>>;

const ANONYMOUS = { api: 500, resolvers: 3000, pages: 100 };
const WITH_TOKEN = { api: 1000, resolvers: 5000, pages: 200 };

/** Any URL with /resolve/ in it counts as a resolver call, other API calls as such, and the rest as pages. */
export function bucketOf(path: string): Bucket {
  if (path.includes("/resolve/")) return "resolvers";
  return path.startsWith("/api/") ? "api" : "pages";
}

/** Counts what a user may do so many times in the hour since the first time. */
export class Hourly {
  readonly #most: number;
  readonly #now: () => number;
  readonly #hours = new Map<string, { until: number; used: number }>();

  constructor(most: number, now: () => number = Date.now) {
    this.#most = most;
    this.#now = now;
  }

  take(user: string): boolean {
    let hour = this.#hours.get(user);
    if (!hour || hour.until <= this.#now()) hour = { until: this.#now() + 3_600_000, used: 0 };
    this.#hours.set(user, hour);
    hour.used += 1;
    return hour.used <= this.#most;
  }
}

/** Counts requests in fixed windows, for each token (or address) and bucket. */
export class Limits {
  readonly #quotas: Quotas;
  readonly #windowSeconds: number;
  readonly #now: () => number;
  readonly #windows = new Map<string, { until: number; used: number }>();

  constructor(quotas: Quotas, windowSeconds: number, now: () => number = Date.now) {
    this.#quotas = quotas;
    this.#windowSeconds = windowSeconds;
    this.#now = now;
  }

  /** Counts one request; the headers go on whatever is answered. */
  count(who: string | undefined, bucket: Bucket): { allowed: boolean; quota: number; headers: Record<string, string> } {
    const quota = this.#quotas[bucket] ?? (who === undefined ? ANONYMOUS : WITH_TOKEN)[bucket];
    const key = `${who ?? ""} ${bucket}`;
    const now = this.#now();
    let window = this.#windows.get(key);
    if (!window || window.until <= now) window = { until: now + this.#windowSeconds * 1000, used: 0 };
    this.#windows.set(key, window);
    const allowed = window.used < quota;
    if (allowed) window.used += 1;
    return { allowed, quota, headers: this.headers(bucket, quota, quota - window.used, (window.until - now) / 1000) };
  }

  headers(bucket: Bucket, quota: number, remaining: number, seconds: number): Record<string, string> {
    return {
      ratelimit: `"${bucket}";r=${remaining};t=${Math.ceil(seconds)}`,
      "ratelimit-policy": `"fixed window";"${bucket}";q=${quota};w=${this.#windowSeconds}`,
    };
  }
}
