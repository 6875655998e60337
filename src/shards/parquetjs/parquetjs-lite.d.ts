declare module "parquetjs-lite" {
  interface LeafField {
    readonly type: "UTF8" | "INT32" | "BYTE_ARRAY";
    readonly optional: true;
    readonly compression: "UNCOMPRESSED" | "SNAPPY" | "GZIP";
    readonly statistics: boolean;
  }
  interface GroupField {
    readonly type?: "LIST";
    readonly optional?: true;
    readonly repeated?: true;
    readonly fields: Fields;
  }
  export type Fields = Readonly<Record<string, LeafField | GroupField>>;

  interface RowGroup {
    readonly columns: {
      readonly meta_data: { columnIndex?: unknown; total_uncompressed_size: number };
    }[];
    total_byte_size: number;
  }
  interface Page {
    readonly page: Buffer;
    first_row_index: number;
  }
  /** The row group that is being filled: its pages by column, in the columns' order, groups of columns without any. */
  interface RowBuffer {
    readonly rowCount?: number;
    readonly pages?: Readonly<Record<string, readonly Page[]>>;
  }
  interface WriterOptions {
    /** Rows, not bytes. */
    readonly rowGroupSize: number;
    /** Rows, not bytes. */
    readonly pageSize: number;
    readonly useDataPageV2: boolean;
  }
  /** The schema's leaves and the groups above them, in the file's order. */
  interface FieldList {
    readonly fieldList: readonly object[];
  }
  class ParquetSchema implements FieldList {
    constructor(fields: Fields);
    readonly fieldList: readonly object[];
  }
  class ParquetEnvelopeWriter {
    constructor(
      schema: ParquetSchema,
      write: (bytes: Buffer) => Promise<void>,
      close: () => Promise<void>,
      fileOffset: number,
      options: WriterOptions,
    );
    /** Of what `writeRowGroup` writes. */
    schema: FieldList;
    readonly rowGroups: RowGroup[];
    rowCount: number;
    writeRowGroup(rows: RowBuffer): Promise<void>;
  }
  class ParquetWriter {
    constructor(schema: ParquetSchema, envelope: ParquetEnvelopeWriter, options: WriterOptions);
    rowBuffer: RowBuffer;
    setMetadata(key: string, value: string): void;
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>;
    close(): Promise<void>;
  }
  const parquetjs: {
    readonly ParquetSchema: typeof ParquetSchema;
    readonly ParquetEnvelopeWriter: typeof ParquetEnvelopeWriter;
    readonly ParquetWriter: typeof ParquetWriter;
  };

  export type { ParquetEnvelopeWriter, ParquetSchema, ParquetWriter, RowBuffer, RowGroup };
  export default parquetjs;
}

declare module "parquetjs-lite/lib/util.js" {
  const util: {
    /** Reads `into` from `bytes` and returns how many of them it takes. */
    decodeThrift(into: object, bytes: Buffer): number;
  };
  export default util;
}

declare module "parquetjs-lite/gen-nodejs/parquet_types.js" {
  class PageHeader {
    readonly uncompressed_page_size: number;
  }
  const types: { readonly PageHeader: typeof PageHeader };
  export default types;
}
