import { EtlError } from "../../errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A bucket, and where it is served. */
export interface Bucket {
  readonly name: string;
  readonly base: URL;
  readonly region: string;
}

/**
 * A bucket by the environment, as the AWS tools read it: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, AWS_REGION or
 * AWS_DEFAULT_REGION.
 */
export function bucketOf(name: string, env: Environment): Bucket {
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || "us-east-1";
  const base = baseOf(name, region, env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"]);
  return { name, base, region };
}

function baseOf(name: string, region: string, endpoint: string | undefined): URL {
  if (endpoint === undefined) {
    // A certificate's wildcard stands for one label: a bucket with dots in its name is asked for by path.
    const host = `s3.${region}.amazonaws.com`;
    return new URL(name.includes(".") ? `https://${host}/${name}/` : `https://${name}.${host}/`);
  }
  const parsed = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new EtlError("usage", `AWS_ENDPOINT_URL ${endpoint}: give the server's address, as https://host:port`);
  return new URL(`${parsed.origin}${parsed.pathname.replace(/\/*$/, "")}/${name}/`);
}
