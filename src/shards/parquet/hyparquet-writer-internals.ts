/** What is used of hyparquet-writer beyond its interface: how it writes the format's own records. */
export { writePageHeader } from "hyparquet-writer/src/datapage.js";
export { serializeTCompactProtocol } from "hyparquet-writer/src/thrift.js";

/** Without a promise of the library's, this was checked with one version only; also the chunks that `ParquetWriter` keeps. */
export const holdsFor = "0.17.0";
