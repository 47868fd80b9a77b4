package dev.holdfast.engine.schema.catalog;

/** A column as it stands in the catalog, dropped ones left out, and what has been found out about how to declare it. */
final class Column {
    int number;
    String name;
    String quoted;
    long typeOid;
    String type;
    /** Quoted; null if it is the type's own. */
    String collation;
    boolean local;
    char identity;
    char generated;
    char storage;
    char typeStorage;
    char compression;
    /** -1 for the default. */
    int statisticsTarget;
    String options;
    String foreignOptions;

    boolean notNull;
    /** Its quoted name, since 18; else null. */
    String notNullName;
    boolean notNullNoInherit;
    boolean notNullLocal;
    /** NOT VALID: added after the rows. */
    boolean notNullInvalid;

    /** Of a default, or of a generated column; null if there is none. */
    String expression;
    Draft defaultDraft;
    /** The same generation expression comes from the parents. */
    boolean expressionInherited;

    boolean isGenerated() {
        return generated != ' ';
    }
}
