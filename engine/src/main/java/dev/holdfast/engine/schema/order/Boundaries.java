package dev.holdfast.engine.schema.order;

import dev.holdfast.engine.schema.Section;
import java.util.List;

/**
 * The nodes between the sections: each depends on all that has to come before it, and all that has to come after it depends
 * on it. So an object that would have to stand in a section too early shows as a loop, like any other contradiction.
 */
record Boundaries(Node postData, Node links, Node finish) {
    static Boundaries addTo(Graph graph, List<Node> objects) {
        var boundaries = new Boundaries(graph.add(null), graph.add(null), graph.add(null));
        boundaries.links.dependsOn(boundaries.postData);
        boundaries.finish.dependsOn(boundaries.links);
        for (var node : objects) {
            // A part that may still end up inside its whole has no section yet.
            if (node.whole() == null || !node.isInlinePartOf(node.whole())) {
                boundaries.enclose(node);
            }
        }
        return boundaries;
    }

    void enclose(Node node) {
        switch (node.section()) {
            case PRE_DATA -> postData.dependsOn(node);
            case POST_DATA -> {
                node.dependsOn(postData);
                links.dependsOn(node);
            }
            case LINKS -> {
                node.dependsOn(links);
                finish.dependsOn(node);
            }
            case FINISH -> node.dependsOn(finish);
        }
    }

    /** {@code node} stood before the rows, and needs something that comes only after them. */
    void postpone(Node node) {
        postData.removeDependency(node);
        if (node.isListed() && node.section() == Section.PRE_DATA) {
            node.postpone();
            enclose(node);
        }
    }
}
