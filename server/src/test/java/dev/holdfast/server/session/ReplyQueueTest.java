package dev.holdfast.server.session;

import static dev.holdfast.server.session.ReplyQueue.Disposition.FORWARD;
import static dev.holdfast.server.session.ReplyQueue.Disposition.SWALLOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.api.Test;

/**
 * Conversations, written as the bytes of the message types. Client: {@code Q P B D E C S H F d c f}; lower case
 * {@code q p b x k} are steps of our own that have the form of Query, Parse, Bind, Execute and (k) Describe. A slash begins another round of both. After the bar
 * the server's answers, each followed by what becomes of it: {@code +} forwarded, {@code -} swallowed.
 */
class ReplyQueueTest {
    @ParameterizedTest(name = "{0}: {1}")
    @DisplayName("what becomes of the upstream's messages")
    @CsvSource(delimiter = ';', textBlock = """
            simple query;                            Q | T+ D+ C+ Z+
            two statements in one query;             Q | T+ D+ C+ T+ D+ C+ Z+
            error in a query;                        Q | E+ Z+
            two queries;                             Q Q | C+ Z+ C+ Z+
            error in the first of two queries;       Q Q | E+ Z+ C+ Z+
            empty query;                             Q | I+ Z+
            extended;                                P B D E S | 1+ 2+ T+ D+ C+ Z+
            no data;                                 P B D E S | 1+ 2+ n+ C+ Z+
            described statement;                     P D S | 1+ t+ T+ Z+
            suspended portal;                        P B E S | 1+ 2+ D+ s+ Z+
            empty extended;                          P B E S | 1+ 2+ I+ Z+
            close;                                   C S | 3+ Z+
            function call;                           F | V+ Z+
            failed function call;                    F | E+ Z+
            flush has no answer;                     P H B H E H S | 1+ 2+ C+ Z+
            error skips to sync;                     P B E S P B E S | E+ Z+ 1+ 2+ C+ Z+
            error at sync;                           P B E S | 1+ 2+ C+ E+ Z+
            notices and notifications at any time;   P B E S | N+ 1+ A+ 2+ S+ C+ Z+ A+
            unsolicited;                             | N+ A+ S+ E+

            own query;                               q | T- D- C- Z-
            own query between two;                   Q q Q | C+ Z+ T- D- C- Z- C+ Z+
            error before an own query;               Q q | E+ Z+ T- D- C- Z-
            own query is skipped after an error;     P q S | E+ Z+
            own steps of one pipeline;               p b k x S | 1- 2- T- D- C- Z+
            own steps in the middle;                 P B E p b x P B E S | 1+ 2+ D+ C+ 1- 2- D- C- 1+ 2+ C+ Z+
            error before own steps skips them;       P B E p b x S P S | 1+ 2+ E+ Z+ 1+ Z+
            own step fails and skips the rest;       p b x P B E S | 1- E- Z+
            notice while an own step waits;          p x S | 1- N+ A+ S+ C- Z+
            own, error, next pipeline own;           P p S p S | E+ Z+ 1- Z+

            copy out;                                Q | H+ d+ d+ c+ C+ Z+
            copy in;                                 Q | G+ / d d c | C+ Z+
            copy in, sync before copy is ignored;    P B E S | 1+ 2+ G+ / d c S | C+ Z+
            copy in, syncs and flushes ignored;      P B E | 1+ 2+ G+ / S H S d c S | C+ Z+
            copy in, data sent ahead;                P B E d d c S | 1+ 2+ G+ C+ Z+
            copy in, sync and data sent ahead;       P B E S d S c S | 1+ 2+ G+ C+ Z+
            copy in fails;                           Q | G+ / d d f | E+ Z+
            copy in fails by itself, client goes on; Q | G+ / d | E+ Z+ / d c Q | C+ Z+
            extended copy in fails;                  P B E S | 1+ 2+ G+ / d f S | E+ Z+
            copy fails before it begins;             P B E S d c S | 1+ 2+ E+ Z+ Z+
            stray copy messages;                     d c f Q | C+ Z+
            two copies in one query;                 Q | G+ / d c | C+ G+ / d c | C+ Z+
            own query behind a copy;                 Q q | G+ / d c | C+ Z+ T- D- C- Z-
            """)
    void conversation(String name, String rounds) {
        var queue = new ReplyQueue();
        for (var round : rounds.split("/")) {
            play(queue, round);
        }
        assertThat(queue.isEmpty()).as("nothing is owed at the end").isTrue();
        assertThat(queue.hasOwnSteps()).isFalse();
        assertThat(queue.isCopyingIn()).isFalse();
    }

    private static void play(ReplyQueue queue, String round) {
        var sides = round.split("\\|", -1);
        for (var message : words(sides[0])) {
            send(queue, message.charAt(0));
        }
        for (var answer : words(sides.length > 1 ? sides[1] : "")) {
            var expected = answer.charAt(1) == '+' ? FORWARD : SWALLOW;
            assertThat(queue.received((byte) answer.charAt(0))).as(answer + " of " + round).isEqualTo(expected);
        }
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    private static void send(ReplyQueue queue, char type) {
        switch (type) {
            case 'q', 'p', 'b' -> queue.sentOwn((byte) Character.toUpperCase(type), new Recorder(new ArrayList<>()));
            case 'x' -> queue.sentOwn((byte) 'E', new Recorder(new ArrayList<>()));
            case 'k' -> queue.sentOwn((byte) 'D', new Recorder(new ArrayList<>()));
            default -> queue.sent((byte) type);
        }
    }

    /** Swallows everything and writes down how it ends. */
    private record Recorder(List<ReplyQueue.End> ends) implements ReplyQueue.OwnStep {
        @Override
        public ReplyQueue.Disposition on(byte type) {
            return SWALLOW;
        }

        @Override
        public void ended(ReplyQueue.End end) {
            ends.add(end);
        }
    }

    @Test
    void everyStepEndsExactlyOnce() {
        var queue = new ReplyQueue();
        var ends = new ArrayList<ReplyQueue.End>();
        queue.sentOwn((byte) 'P', new Recorder(ends));
        queue.sentOwn((byte) 'B', new Recorder(ends));
        queue.sentOwn((byte) 'E', new Recorder(ends));
        queue.sent((byte) 'S');
        queue.received((byte) '1');
        queue.received((byte) 'E');
        queue.received((byte) 'Z');
        assertThat(ends).containsExactly(ReplyQueue.End.COMPLETED, ReplyQueue.End.FAILED, ReplyQueue.End.SKIPPED);
    }

    @Test
    void aStepSentWhileTheUpstreamSkipsIsSkippedAtOnce() {
        var queue = new ReplyQueue();
        queue.sent((byte) 'P');
        queue.received((byte) 'E');
        assertThat(queue.isSkipping()).isTrue();
        var ends = new ArrayList<ReplyQueue.End>();
        queue.sentOwn((byte) 'P', new Recorder(ends));
        assertThat(ends).containsExactly(ReplyQueue.End.SKIPPED);
        queue.sent((byte) 'S');
        assertThat(queue.isSkipping()).isFalse();
        assertThat(queue.received((byte) 'Z')).isEqualTo(FORWARD);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void aLongPipelineKeepsItsOrder() {
        var queue = new ReplyQueue();
        for (int i = 0; i < 1000; i++) {
            for (char type : "PBES".toCharArray()) {
                queue.sent((byte) type);
            }
            if (i % 3 == 0) {
                for (char type : "12CZ".toCharArray()) {
                    queue.received((byte) type);
                }
            }
        }
        for (int i = 0; i < 666; i++) {
            for (char type : "12CZ".toCharArray()) {
                assertThat(queue.isEmpty()).isFalse();
                queue.received((byte) type);
            }
        }
        assertThat(queue.isEmpty()).isTrue();
    }
}
