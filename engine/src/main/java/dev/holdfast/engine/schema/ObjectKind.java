package dev.holdfast.engine.schema;

import static dev.holdfast.engine.schema.Section.FINISH;
import static dev.holdfast.engine.schema.Section.LINKS;
import static dev.holdfast.engine.schema.Section.POST_DATA;
import static dev.holdfast.engine.schema.Section.PRE_DATA;

import java.util.Locale;

/**
 * What an object is. The order of the constants is the order in which objects are created as long as no dependency demands
 * another one. Casts stand before functions and functions before tables: a cast's function is moved before the cast by its
 * dependency, and with it what the function needs, so that a view which uses a cast finds it though PostgreSQL only recorded
 * a dependency on the function.
 */
public enum ObjectKind {
    SCHEMA(PRE_DATA),
    LANGUAGE(PRE_DATA),
    COLLATION(PRE_DATA),
    TRANSFORM(PRE_DATA),
    EXTENSION(PRE_DATA),
    SHELL_TYPE(PRE_DATA),
    TYPE(PRE_DATA),
    DOMAIN(PRE_DATA),
    CAST(PRE_DATA),
    FUNCTION(PRE_DATA),
    PROCEDURE(PRE_DATA),
    AGGREGATE(PRE_DATA),
    ACCESS_METHOD(PRE_DATA),
    OPERATOR(PRE_DATA),
    OPERATOR_FAMILY(PRE_DATA),
    OPERATOR_CLASS(PRE_DATA),
    CONVERSION(PRE_DATA),
    TEXT_SEARCH_PARSER(PRE_DATA),
    TEXT_SEARCH_TEMPLATE(PRE_DATA),
    TEXT_SEARCH_DICTIONARY(PRE_DATA),
    TEXT_SEARCH_CONFIGURATION(PRE_DATA),
    FOREIGN_DATA_WRAPPER(PRE_DATA),
    SERVER(PRE_DATA),
    USER_MAPPING(PRE_DATA),
    TABLE(PRE_DATA),
    FOREIGN_TABLE(PRE_DATA),
    VIEW(PRE_DATA),
    MATERIALIZED_VIEW(PRE_DATA),
    SEQUENCE(PRE_DATA),
    /** A sequence's tie to the column that owns it: possible only once both have the same owner. */
    SEQUENCE_OWNED_BY(PRE_DATA),
    /** ALTER TABLE ... ATTACH PARTITION. Partitions are created as tables of their own, so that their columns keep their order. */
    PARTITION(PRE_DATA),
    COLUMN_DEFAULT(PRE_DATA),
    CONSTRAINT(POST_DATA),
    INDEX(POST_DATA),
    /** ALTER INDEX ... ATTACH PARTITION. */
    INDEX_PARTITION(POST_DATA),
    STATISTICS(POST_DATA),
    /** The true definition of a view that was created as an empty shell, because something it needs needs the view. */
    VIEW_DEFINITION(POST_DATA),
    RULE(LINKS),
    TRIGGER(LINKS),
    FOREIGN_KEY(LINKS),
    ROW_SECURITY(LINKS),
    POLICY(LINKS),
    PUBLICATION(LINKS),
    PUBLICATION_TABLE(LINKS),
    PUBLICATION_SCHEMA(LINKS),
    SUBSCRIPTION(LINKS),
    /** Changed grants of something that is not created by the restore: a member of an extension or of pg_catalog. */
    PRIVILEGES(FINISH),
    DEFAULT_PRIVILEGES(FINISH),
    EVENT_TRIGGER(FINISH),
    REFRESH(FINISH);

    private final Section section;

    ObjectKind(Section section) {
        this.section = section;
    }

    /** The section such objects belong to, unless a dependency moved one to a later section. */
    public Section section() {
        return section;
    }

    /** As a message names it: {@code materialized view}. */
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
