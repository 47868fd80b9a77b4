package dev.holdfast.engine.schema;

/** When an object is created; the sections are executed in this order, and no object needs one of a later section. */
public enum Section {
    /** Before the rows: types, functions, tables without keys, views. */
    PRE_DATA,
    /** After the rows: keys, indexes, statistics objects, and what needs a key to be definable at all. */
    POST_DATA,
    /**
     * What joins tables to each other and to the outside, or acts when rows change: foreign keys, triggers, rules, policies,
     * publications.
     */
    LINKS,
    /**
     * At the very end: all grants first (an owner may have revoked his own rights, or lent them to the owner of something
     * that is read while building), then default privileges (they would change what is created after them), event triggers
     * (they would fire for our own DDL), and the filling of materialized views (their owners need their grants).
     */
    FINISH
}
