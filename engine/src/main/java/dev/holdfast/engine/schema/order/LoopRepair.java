package dev.holdfast.engine.schema.order;

import dev.holdfast.engine.schema.ObjectKind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Breaks loops of dependencies. The short ones are made by the graph itself (a view depends on its query and the query on its
 * view) and mean nothing. The longer ones are real, and each known kind of them has its way out: create a part of an object
 * later than the object, or an object later than its kind usually comes.
 */
final class LoopRepair {
    private final Boundaries boundaries;
    private final List<String> remarks;

    LoopRepair(Boundaries boundaries, List<String> remarks) {
        this.boundaries = boundaries;
        this.remarks = remarks;
    }

    /** @param loop each node depends on the next, the last one on the first */
    void repair(List<Node> loop) {
        boolean repaired = switch (loop.size()) {
            case 1 -> dropOwnDependency(loop.getFirst());
            case 2 -> repairPair(loop.getFirst(), loop.getLast()) || repairPair(loop.getLast(), loop.getFirst());
            default -> split(loop, ObjectKind.VIEW_DEFINITION)
                    || postpone(loop, ObjectKind.MATERIALIZED_VIEW)
                    || postpone(loop, ObjectKind.FUNCTION)
                    || postpone(loop, ObjectKind.PROCEDURE)
                    || split(loop, ObjectKind.CONSTRAINT)
                    || split(loop, ObjectKind.COLUMN_DEFAULT);
        };
        if (!repaired) {
            remarks.add("could not order objects that depend on each other: "
                    + loop.stream().map(Node::toString).collect(Collectors.joining(", ")));
            loop.getFirst().removeDependency(loop.get(1 % loop.size()));
        }
    }

    /** A column depends on another one, or on its whole table. */
    private static boolean dropOwnDependency(Node node) {
        node.removeDependency(node);
        return true;
    }

    private static boolean repairPair(Node a, Node b) {
        if (b.isInlinePartOf(a)) {
            b.removeDependency(a);
            return true;
        }
        if (a.is(ObjectKind.TYPE) && a.shell() != null && (b.is(ObjectKind.FUNCTION) || b.is(ObjectKind.PROCEDURE))) {
            // The type's own input, output or canonicalizing function: it makes do with the shell.
            b.removeDependency(a);
            b.dependsOn(a.shell());
            a.shell().need();
            return true;
        }
        if (b.parentIndex() == a) {
            a.removeDependency(b);
            return true;
        }
        return false;
    }

    /**
     * The loop goes through an object and a part of it: the part is created after it. For a view this means that it is created
     * with its columns only, and gets its query when all that the query needs is there.
     */
    private boolean split(List<Node> loop, ObjectKind partKind) {
        var members = new HashSet<>(loop);
        var wholes = new HashMap<Node, Node>();
        for (var part : loop) {
            if (part.kind() == partKind && part.isSeparable() && part.isInlinePartOf(part.whole())
                    && members.contains(part.whole())) {
                wholes.putIfAbsent(part.whole(), part);
            }
        }
        // Of several the first one on the way.
        for (var whole : loop) {
            var part = wholes.get(whole);
            if (part != null) {
                whole.removeDependency(part);
                part.separate();
                part.dependsOn(whole);
                boundaries.enclose(part);
                return true;
            }
        }
        return false;
    }

    /**
     * The loop goes through the rows: a materialized view or a function with a GROUP BY that relies on a primary key, which is
     * built only after the rows are there. What stands right behind the boundary moves over it.
     */
    private boolean postpone(List<Node> loop, ObjectKind kind) {
        int boundary = loop.indexOf(boundaries.postData());
        if (boundary < 0 || loop.stream().noneMatch(node -> node.is(kind))) {
            return false;
        }
        boundaries.postpone(loop.get((boundary + 1) % loop.size()));
        return true;
    }
}
