package dev.holdfast.engine.schema;

/** A column whose values are exported: generated columns are left out. */
public record ColumnData(String name, int number, long typeOid, String type) {}
