package dev.holdfast.engine.schema.order;

import dev.holdfast.engine.schema.ObjectKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The objects of a schema and what each needs, and the order in which they can be created: as near to the order of
 * {@link ObjectKind}, schema and name as the dependencies allow, so the same schema is always listed in the same order.
 */
public final class Graph {
    private final List<Node> nodes = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    /** A null kind makes the boundary between two sections. */
    public Node add(ObjectKind kind) {
        var node = new Node(nodes.size(), kind);
        nodes.add(node);
        return node;
    }

    /** Loops that no known repair could break; what stands in them may fail to be created. */
    public List<String> remarks() {
        return remarks;
    }

    /** All nodes, unlisted ones too, each after everything it depends on. Call it once, when the graph is complete. */
    public List<Node> sort() {
        var boundaries = Boundaries.addTo(this, List.copyOf(nodes));
        var wished = new ArrayList<>(nodes);
        wished.sort(WISHED_ORDER);
        var topology = new TopologicalSort(wished);
        var repair = new LoopRepair(boundaries, remarks);
        while (true) {
            var stuck = topology.run();
            if (stuck.isEmpty()) {
                return topology.result().stream().filter(node -> !node.isBoundary()).toList();
            }
            LoopFinder.forEachLoop(nodes.size(), stuck, repair::repair);
        }
    }

    /** The listed objects that {@code node} directly needs, seen through the nodes that are not listed. */
    public static Set<Node> listedDependencies(Node node) {
        Set<Node> listed = new LinkedHashSet<>();
        Set<Node> seen = new LinkedHashSet<>();
        var open = new ArrayList<>(node.dependencies());
        while (!open.isEmpty()) {
            var next = open.removeLast();
            if (next.isBoundary() || next == node || !seen.add(next)) {
                continue;
            }
            if (next.isListed()) {
                listed.add(next);
            } else {
                open.addAll(next.dependencies());
            }
        }
        return listed;
    }

    private static final Comparator<Node> WISHED_ORDER = Comparator.comparingInt(Graph::rank)
            .thenComparing(Node::schema, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(Node::name)
            .thenComparing(Node::kind, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing((Node node) -> node.tieBreak())
            .thenComparingInt(node -> node.index);

    /** Kinds that stand together in order of name: a schema's relations, its types, its functions. */
    private static final Map<ObjectKind, ObjectKind> NEIGHBOURS = new EnumMap<>(Map.of(
            ObjectKind.SHELL_TYPE, ObjectKind.TYPE,
            ObjectKind.DOMAIN, ObjectKind.TYPE,
            ObjectKind.PROCEDURE, ObjectKind.FUNCTION,
            ObjectKind.OPERATOR_CLASS, ObjectKind.OPERATOR_FAMILY,
            ObjectKind.FOREIGN_TABLE, ObjectKind.TABLE,
            ObjectKind.VIEW, ObjectKind.TABLE,
            ObjectKind.MATERIALIZED_VIEW, ObjectKind.TABLE,
            ObjectKind.SEQUENCE, ObjectKind.TABLE));

    private static int rank(Node node) {
        if (node.isBoundary()) {
            return Integer.MAX_VALUE;
        }
        // Row and array types among the types would draw their tables there with them.
        var kind = node.isImplicit() ? ObjectKind.COLUMN_DEFAULT : node.kind();
        return NEIGHBOURS.getOrDefault(kind, kind).ordinal();
    }
}
