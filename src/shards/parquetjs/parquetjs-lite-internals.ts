import thrift from "parquetjs-lite/gen-nodejs/parquet_types.js";
import util from "parquetjs-lite/lib/util.js";

/** What is used of parquetjs-lite beyond its interface: how it reads the header of a page that it has made. */
export const { PageHeader } = thrift;
export const { decodeThrift } = util;

/** Without a promise of the library's, this was checked with one version only; also the row groups that it keeps. */
export const holdsFor = "0.8.7";
