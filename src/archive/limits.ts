/** A slice has some 100 KB, a report a few; anything beyond this is no member of the data set but a trap. */
export const MAX_MEMBER_BYTES = 64 << 20;
/** 145,000 members take some 15 MB; a directory beyond this is none that a real archive has, and would fill the memory. */
export const MAX_DIRECTORY_BYTES = 256 << 20;
/** Six times the members of a real archive; each takes some 300 bytes of memory. */
export const MAX_MEMBERS = 1_000_000;
