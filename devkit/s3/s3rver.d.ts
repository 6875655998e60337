declare module "@20minutes/s3rver" {
  interface Context {
    readonly method: string;
    readonly path: string;
    get(header: string): string;
    status: number;
    body: string;
  }
  /** What is used of it; it brings no types. */
  export default class S3rver {
    constructor(options: object);
    readonly middleware: ((context: Context, next: () => Promise<void>) => Promise<void>)[];
    readonly store: { existsObject(bucket: string, key: string): Promise<boolean> };
    run(): Promise<{ readonly port: number }>;
  }
}
