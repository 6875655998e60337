export interface LoggedRequest {
  readonly bucket: "api" | "resolve" | "cdn";
  readonly method: string;
  readonly url: string;
  readonly range: string | undefined;
  status: number;
  bytes: number;
}

/** Every request that the miniature Hub and its CDN saw, and whether a token reached where it must not. */
export class RequestLog {
  readonly requests: LoggedRequest[] = [];
  readonly leaks: string[] = [];

  of(bucket: LoggedRequest["bucket"]): readonly LoggedRequest[] {
    return this.requests.filter((request) => request.bucket === bucket);
  }
  bytes(bucket: LoggedRequest["bucket"]): number {
    return this.of(bucket).reduce((sum, request) => sum + request.bytes, 0);
  }
  clear(): void {
    this.requests.length = 0;
  }
}
