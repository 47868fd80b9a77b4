package dev.holdfast.engine.schema.order;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Section;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Something that has a place in the order of creation. Not every node becomes an object of its own: a table's row type only
 * carries dependencies, and a column default may be created inside its table.
 */
public final class Node {
    final int index;
    private final ObjectKind kind;
    private final Set<Node> dependencies = new LinkedHashSet<>();

    private String schema;
    private String name = "";
    private String tieBreak = "";
    private long oid;
    private boolean implicit;
    private boolean postponed;
    private Node whole;
    private boolean separate = true;
    private boolean inseparable;
    private Node shell;
    private boolean needed = true;
    private Node parentIndex;

    Node(int index, ObjectKind kind) {
        this.index = index;
        this.kind = kind;
    }

    /** Null for the boundary between two sections. */
    public ObjectKind kind() {
        return kind;
    }

    boolean isBoundary() {
        return kind == null;
    }

    boolean is(ObjectKind wanted) {
        return kind == wanted && !implicit;
    }

    public Node named(String newSchema, String newName, long newOid) {
        schema = newSchema;
        name = newName;
        oid = newOid;
        return this;
    }

    public String schema() {
        return schema;
    }

    public String name() {
        return name;
    }

    public long oid() {
        return oid;
    }

    /** Orders nodes of one kind that share schema and name: overloaded functions, triggers of several tables. */
    public Node tieBreak(String text) {
        tieBreak = text;
        return this;
    }

    String tieBreak() {
        return tieBreak;
    }

    /** It exists because something else does (a table's row type, an array type) and only carries dependencies. */
    public Node implicit() {
        implicit = true;
        return this;
    }

    boolean isImplicit() {
        return implicit;
    }

    /**
     * It is created inside {@code newWhole} if the dependencies allow that, else after it: a view's query, a column's default,
     * a check of a table or domain. So the whole depends on what its part depends on.
     */
    public Node partOf(Node newWhole) {
        whole = newWhole;
        separate = false;
        newWhole.dependsOn(this);
        return this;
    }

    /** Part of {@code newWhole}, and already known to be created after it. */
    public Node separatePartOf(Node newWhole) {
        whole = newWhole;
        dependsOn(newWhole);
        return this;
    }

    /** There is no DDL to create this part after its whole: a materialized view's query. */
    public Node inseparable() {
        inseparable = true;
        return this;
    }

    boolean isSeparable() {
        return !inseparable;
    }

    Node whole() {
        return whole;
    }

    boolean isInlinePartOf(Node other) {
        return whole == other && !separate;
    }

    void separate() {
        separate = true;
    }

    /** The shell of a base or range type, created before the functions that take or return the type, if there are any. */
    public Node shell(Node newShell) {
        shell = newShell;
        newShell.needed = false;
        dependsOn(newShell);
        return this;
    }

    Node shell() {
        return shell;
    }

    void need() {
        needed = true;
    }

    /** The partitioned index that this index is, or will be, attached to. */
    public Node parentIndex(Node parent) {
        parentIndex = parent;
        return this;
    }

    Node parentIndex() {
        return parentIndex;
    }

    /** Something it needs comes only after the rows. */
    void postpone() {
        postponed = true;
    }

    public Section section() {
        return postponed ? Section.POST_DATA : kind.section();
    }

    /** Whether DDL of its own creates it. */
    public boolean isListed() {
        return kind != null && !implicit && separate && needed;
    }

    public void dependsOn(Node other) {
        dependencies.add(other);
    }

    void removeDependency(Node other) {
        dependencies.remove(other);
    }

    public Set<Node> dependencies() {
        return dependencies;
    }

    @Override
    public String toString() {
        if (kind == null) {
            return "section boundary";
        }
        return (implicit ? "implicit " : "") + kind.words() + " " + (schema == null ? "" : schema + ".") + name
                + (whole == null ? "" : " of " + whole.name);
    }
}
