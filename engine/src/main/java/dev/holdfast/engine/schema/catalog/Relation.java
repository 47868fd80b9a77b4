package dev.holdfast.engine.schema.catalog;

import java.util.ArrayList;
import java.util.List;

/** A table, view, materialized view, sequence or foreign table. */
final class Relation {
    /** Null for one that is only read because a listed table inherits from it. */
    Draft draft;

    long oid;
    char kind;
    String schema;
    String name;
    /** {@code "schema"."name"}. */
    String quoted;
    boolean unlogged;
    boolean populated;
    /** As the user has declared it: while history is kept, the catalog says FULL. */
    char replicaIdentity;
    /** Declared with USING INDEX and not in the catalog now; else 0. */
    long identityIndex;
    /** Whether changes are logged with the whole old row. */
    boolean fullIdentity;
    boolean rowSecurity;
    boolean forcedRowSecurity;
    boolean partition;
    /** Of a typed table; else null. */
    String ofType;
    /** {@code a='b', ...}; empty if there are none. */
    String options;
    /** LOCAL or CASCADED; else null. */
    String checkOption;
    /** Null for those without storage of their own. */
    String accessMethod;
    /** What {@code PARTITION BY} takes; else null. */
    String partitionKey;
    /** What {@code ATTACH PARTITION} takes; else null. */
    String partitionBound;
    /** The query of a view, without a semicolon; else null. */
    String query;
    /** Quoted, of a foreign table; else null. */
    String server;
    String serverOptions;
    long ownerTable;
    int ownerColumn;
    boolean identitySequence;

    /** It has columns in an order that INHERITS would not give; it is created alone and made to inherit after that. */
    boolean inheritsLater;

    final List<Relation> parents = new ArrayList<>();
    final List<Column> columns = new ArrayList<>();
    final List<Draft> checks = new ArrayList<>();

    Column column(int number) {
        return columns.stream().filter(c -> c.number == number).findFirst().orElse(null);
    }

    Column column(String columnName) {
        return columns.stream().filter(c -> c.name.equals(columnName)).findFirst().orElse(null);
    }

    boolean isView() {
        return kind == 'v' || kind == 'm';
    }

    /** Inherited columns come with INHERITS; a partition is created alone, with all its columns, and attached. */
    boolean declares(Column column) {
        return column.local || partition;
    }

    /** As ALTER takes it: {@code FOREIGN TABLE ONLY "s"."t"}. */
    String alterOnly() {
        return (kind == 'f' ? "ALTER FOREIGN TABLE ONLY " : "ALTER TABLE ONLY ") + quoted;
    }

    String alter() {
        return (kind == 'f' ? "ALTER FOREIGN TABLE " : "ALTER TABLE ") + quoted;
    }
}
