package dev.holdfast.engine.schema.order;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Finds loops among the nodes a topological sort got stuck on. Loops that have no node in common are all found in one round:
 * repairing one cannot have repaired the other. Each is given as a list in which every node depends on the next, and the
 * last one on the first.
 */
final class LoopFinder {
    private final BitSet done;
    /** For which start (as index + 1) it was proven that no way leads from this node back to it. */
    private final int[] noWayTo;

    private LoopFinder(int nodeCount) {
        done = new BitSet(nodeCount);
        noWayTo = new int[nodeCount];
    }

    static void forEachLoop(int nodeCount, List<Node> stuck, Consumer<List<Node>> repair) {
        var finder = new LoopFinder(nodeCount);
        for (var start : stuck) {
            if (finder.done.get(start.index)) {
                continue;
            }
            var loop = finder.find(start);
            finder.done.set(start.index);
            if (!loop.isEmpty()) {
                repair.accept(loop);
                loop.forEach(node -> finder.done.set(node.index));
            }
        }
    }

    /** Depth first without recursion: a chain of views may be longer than a thread's stack is deep. */
    private List<Node> find(Node start) {
        var way = new ArrayList<Node>();
        var branches = new ArrayList<Iterator<Node>>();
        var onWay = new BitSet(noWayTo.length);
        enter(start, way, branches, onWay);
        while (!way.isEmpty()) {
            // Looking at all direct dependencies first finds the short loops, and short ones are the ones with a known repair.
            if (way.getLast().dependencies().contains(start)) {
                return way;
            }
            boolean entered = false;
            var branch = branches.getLast();
            while (branch.hasNext() && !entered) {
                var next = branch.next();
                if (!done.get(next.index) && noWayTo[next.index] != start.index + 1 && !onWay.get(next.index)) {
                    enter(next, way, branches, onWay);
                    entered = true;
                }
            }
            if (!entered) {
                var left = way.removeLast();
                branches.removeLast();
                onWay.clear(left.index);
                noWayTo[left.index] = start.index + 1;
            }
        }
        return List.of();
    }

    private static void enter(Node node, List<Node> way, List<Iterator<Node>> branches, BitSet onWay) {
        way.add(node);
        branches.add(node.dependencies().iterator());
        onWay.set(node.index);
    }
}
