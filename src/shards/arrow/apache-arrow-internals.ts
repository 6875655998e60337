/** What is used of apache-arrow beyond its interface: where a file has its batches, and what a batch says of its buffers. */
export { Footer } from "apache-arrow/ipc/metadata/file";
export type { RecordBatch as BatchHeader } from "apache-arrow/ipc/metadata/message";

/** Without a promise of the library's, this was checked with one version only; also what `QueuedFile` and `QueuedStream` override. */
export const holdsFor = "21.2.0";
