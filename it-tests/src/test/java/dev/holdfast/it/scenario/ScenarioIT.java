package dev.holdfast.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.WireClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Conversations in files: of our own statements with the answers they must have, of ordinary ones on both sides of Holdfast. */
class ScenarioIT {
    private static TestHoldfast holdfast;
    private static int databases;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    static Stream<Scenario> own() throws IOException {
        return Scenario.all("own").stream();
    }

    static Stream<Scenario> differential() throws IOException {
        return Scenario.all("differential").stream();
    }

    /** Every conversation begins in a database of its own, named scenario. */
    private static void freshDatabase(String name) throws Exception {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "drop database if exists " + name + " with (force)", "create database " + name);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("own")
    void answersAreAsWritten(Scenario scenario) throws Exception {
        freshDatabase("scenario");
        // Collections are not shared between conversations.
        var place = "nodelocal://1/scenario" + ++databases;
        try (var client = WireClient.connect(WireClient.tcp(holdfast.port()), "root", "scenario")) {
            for (var step : scenario.steps()) {
                var sql = step.sql().replace("COLLECTION", place);
                var actual = Scenario.answer(client, new Scenario.Step(sql, step.extended(), step.parameters(), List.of())).stream()
                        .map(line -> line.replace(place, "COLLECTION"))
                        .toList();
                assertThat(actual)
                        .as(step.sql())
                        .usingElementComparator((a, e) -> Scenario.matches(e, a) ? 0 : 1)
                        .isEqualTo(step.expected());
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("differential")
    void ordinarySqlAnswersAsWithoutHoldfast(Scenario scenario) throws Exception {
        var direct = WireClient.unix(
                holdfast.embeddedSocketDirectory(), holdfast.embedded("postgres").port());
        var without = conversation(scenario, direct);
        var with = conversation(scenario, WireClient.tcp(holdfast.port()));
        assertThat(with).isEqualTo(without);
    }

    private static List<String> conversation(Scenario scenario, SocketAddress address) throws Exception {
        freshDatabase("scenario");
        var answers = new ArrayList<String>();
        try (var client = WireClient.connect(address, "root", "scenario")) {
            for (var step : scenario.steps()) {
                answers.add("> " + step.sql());
                answers.addAll(Scenario.answer(client, step));
            }
        }
        return answers;
    }
}
