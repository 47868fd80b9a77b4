package dev.holdfast.engine.schema.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Section;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GraphTest {
    private final Graph graph = new Graph();

    private Node add(ObjectKind kind, String name, Node... needs) {
        var node = graph.add(kind).named("s", name, 0);
        for (var needed : needs) {
            node.dependsOn(needed);
        }
        return node;
    }

    private List<String> sorted() {
        return graph.sort().stream().filter(Node::isListed).map(node -> node.kind().words() + " " + node.name()).toList();
    }

    @Test
    void withoutDependenciesKindsAndNamesDecide() {
        add(ObjectKind.INDEX, "a");
        add(ObjectKind.VIEW, "b");
        add(ObjectKind.TABLE, "c");
        add(ObjectKind.TABLE, "a");
        add(ObjectKind.FUNCTION, "z");
        add(ObjectKind.TYPE, "z");
        add(ObjectKind.SCHEMA, "z");
        assertThat(sorted())
                .containsExactly("schema z", "type z", "function z", "table a", "view b", "table c", "index a");
    }

    @Test
    void theOrderOfAddingDoesNotMatter() {
        for (int seed = 0; seed < 20; seed++) {
            var shuffled = new Graph();
            var names = new ArrayList<>(List.of("a", "b", "c", "d", "e", "f"));
            Collections.shuffle(names, new Random(seed));
            var nodes = new TreeMap<String, Node>();
            names.forEach(name -> nodes.put(name, shuffled.add(ObjectKind.TABLE).named("s", name, 0)));
            nodes.get("a").dependsOn(nodes.get("e"));
            nodes.get("c").dependsOn(nodes.get("f"));
            assertThat(shuffled.sort()).extracting(Node::name).containsExactly("e", "a", "b", "f", "c", "d");
        }
    }

    @Test
    void aCastDrawsItsFunctionAndThatOnesTableBeforeIt() {
        var table = add(ObjectKind.TABLE, "t");
        var function = add(ObjectKind.FUNCTION, "f", table);
        add(ObjectKind.CAST, "c", function);
        add(ObjectKind.TABLE, "a");
        assertThat(sorted()).containsExactly("table t", "function f", "cast c", "table a");
    }

    @Test
    void aTypeGetsAShellWhenItsFunctionsNeedIt() {
        var type = add(ObjectKind.TYPE, "t");
        type.shell(add(ObjectKind.SHELL_TYPE, "t"));
        for (var name : List.of("in", "out")) {
            var function = add(ObjectKind.FUNCTION, name, type);
            type.dependsOn(function);
        }
        assertThat(sorted()).containsExactly("shell type t", "function in", "function out", "type t");
    }

    @Test
    void aTypeWithoutOwnFunctionsNeedsNoShell() {
        var type = add(ObjectKind.TYPE, "t");
        type.shell(add(ObjectKind.SHELL_TYPE, "t"));
        add(ObjectKind.FUNCTION, "f", type);
        assertThat(sorted()).containsExactly("type t", "function f");
    }

    @Test
    void aViewIsCreatedWithItsQuery() {
        var table = add(ObjectKind.TABLE, "z");
        var view = add(ObjectKind.VIEW, "v");
        add(ObjectKind.VIEW_DEFINITION, "v", view, table).partOf(view);
        assertThat(sorted()).containsExactly("table z", "view v");
        assertThat(Graph.listedDependencies(view)).containsExactly(table);
    }

    @Test
    void aViewAndAFunctionThatNeedEachOther() {
        var view = add(ObjectKind.VIEW, "v");
        var rowType = graph.add(ObjectKind.TYPE).named("s", "v", 0).implicit();
        rowType.dependsOn(view);
        var function = add(ObjectKind.FUNCTION, "f", rowType);
        var query = add(ObjectKind.VIEW_DEFINITION, "v", view, function).partOf(view);
        assertThat(sorted()).containsExactly("view v", "function f", "view definition v");
        assertThat(query.section()).isEqualTo(Section.POST_DATA);
        assertThat(Graph.listedDependencies(function)).containsExactly(view);
    }

    @Test
    void aDefaultThatCallsTheSequenceItsTableOwns() {
        var table = add(ObjectKind.TABLE, "t");
        var sequence = add(ObjectKind.SEQUENCE, "t_id_seq", table);
        add(ObjectKind.COLUMN_DEFAULT, "id", sequence, table).partOf(table);
        assertThat(sorted()).containsExactly("table t", "sequence t_id_seq", "column default id");
    }

    @Test
    void aCheckThatCallsAFunctionOfItsTable() {
        var table = add(ObjectKind.TABLE, "t");
        var function = add(ObjectKind.FUNCTION, "f", table);
        var check = add(ObjectKind.CONSTRAINT, "c", table, function).partOf(table);
        var plain = add(ObjectKind.CONSTRAINT, "plain", table).partOf(table);
        assertThat(sorted()).containsExactly("table t", "function f", "constraint c");
        assertThat(check.section()).isEqualTo(Section.POST_DATA);
        assertThat(plain.isListed()).isFalse();
    }

    @Test
    void whatReliesOnAKeyMovesBehindTheRows() {
        var table = add(ObjectKind.TABLE, "t");
        var key = add(ObjectKind.CONSTRAINT, "pk", table);
        var view = add(ObjectKind.MATERIALIZED_VIEW, "mv");
        add(ObjectKind.VIEW_DEFINITION, "mv", view, table, key).partOf(view).inseparable();
        var function = add(ObjectKind.FUNCTION, "f", table, key);
        var onFunction = add(ObjectKind.MATERIALIZED_VIEW, "on_f");
        add(ObjectKind.VIEW_DEFINITION, "on_f", onFunction, function).partOf(onFunction).inseparable();
        add(ObjectKind.INDEX, "on_mv", view);
        add(ObjectKind.TRIGGER, "tr", table, function);
        var order = graph.sort();
        assertThat(order.stream().filter(Node::isListed).map(Node::section).toList()).isSorted();
        assertThat(order).filteredOn(n -> n == view || n == function || n == onFunction).extracting(Node::section)
                .containsOnly(Section.POST_DATA);
        assertThat(order.indexOf(key)).isLessThan(order.indexOf(view)).isLessThan(order.indexOf(function));
        assertThat(graph.remarks()).isEmpty();
    }

    @Test
    void anOrdinaryViewThatReliesOnAKeyIsCreatedEmptyFirst() {
        var table = add(ObjectKind.TABLE, "t");
        var key = add(ObjectKind.CONSTRAINT, "pk", table);
        var view = add(ObjectKind.VIEW, "v");
        add(ObjectKind.VIEW_DEFINITION, "v", view, table, key).partOf(view);
        assertThat(sorted()).containsExactly("table t", "view v", "constraint pk", "view definition v");
    }

    @Test
    void aChainLongerThanAStackIsDeep() {
        var first = add(ObjectKind.TABLE, "t0");
        var previous = first;
        for (int i = 1; i < 50_000; i++) {
            previous = add(ObjectKind.TABLE, "t" + i, previous);
        }
        var check = add(ObjectKind.CONSTRAINT, "c", previous).partOf(first);
        assertThat(graph.sort()).startsWith(first);
        assertThat(check.isListed()).isTrue();
    }

    @Test
    void aLoopThatNothingIsKnownOfIsTold() {
        var a = add(ObjectKind.OPERATOR, "a");
        var b = add(ObjectKind.OPERATOR, "b", a);
        a.dependsOn(b);
        assertThat(sorted()).hasSize(2);
        assertThat(graph.remarks())
                .containsExactly("could not order objects that depend on each other: operator s.a, operator s.b");
    }

    @Test
    void sectionsFollowEachOther() {
        var random = new Random(1);
        var kinds = ObjectKind.values();
        var nodes = new ArrayList<Node>();
        for (int i = 0; i < 500; i++) {
            var node = add(kinds[random.nextInt(kinds.length)], "n" + i);
            for (int j = 0; j < 3 && !nodes.isEmpty(); j++) {
                var other = nodes.get(random.nextInt(nodes.size()));
                if (other.section().compareTo(node.section()) <= 0) {
                    node.dependsOn(other);
                }
            }
            nodes.add(node);
        }
        var order = graph.sort();
        assertThat(order.stream().map(Node::section).toList()).isSorted();
        for (var node : order) {
            assertThat(Graph.listedDependencies(node)).allMatch(needed -> order.indexOf(needed) < order.indexOf(node));
        }
    }
}
