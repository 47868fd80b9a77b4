package dev.holdfast.engine.schema.order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Knuth's topological sort, changed so that it disturbs a wished order as little as possible: it fills the result from its
 * end, and of all nodes that nothing left needs it takes the one that stands last in the wished order.
 */
final class TopologicalSort {
    private final List<Node> wished;
    private final int[] position;
    private final Node[] result;

    TopologicalSort(List<Node> wished) {
        this.wished = wished;
        this.position = new int[wished.size()];
        this.result = new Node[wished.size()];
        for (int i = 0; i < wished.size(); i++) {
            position[wished.get(i).index] = i;
        }
    }

    /** Empty if everything could be ordered; else the nodes of the loops, and those that the loops need. */
    List<Node> run() {
        var dependents = new int[wished.size()];
        for (var node : wished) {
            for (var needed : node.dependencies()) {
                dependents[needed.index]++;
            }
        }
        var free = new PriorityQueue<Integer>(Comparator.reverseOrder());
        for (var node : wished) {
            if (dependents[node.index] == 0) {
                free.add(position[node.index]);
            }
        }
        int end = result.length;
        while (!free.isEmpty()) {
            var node = wished.get(free.remove());
            result[--end] = node;
            for (var needed : node.dependencies()) {
                if (--dependents[needed.index] == 0) {
                    free.add(position[needed.index]);
                }
            }
        }
        var stuck = new ArrayList<Node>();
        for (var node : wished) {
            if (dependents[node.index] > 0) {
                stuck.add(node);
            }
        }
        stuck.sort(Comparator.comparingInt(node -> node.index));
        return stuck;
    }

    List<Node> result() {
        return Arrays.asList(result);
    }
}
