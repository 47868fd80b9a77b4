package dev.holdfast.it.support;

import java.util.Random;

/** How often tests with random moments try: HOLDFAST_ROUNDS asks for more, HOLDFAST_SEED repeats what has failed. */
public record Repetitions(int rounds, long seed, Random random) {
    public static Repetitions of(String test, int rounds) {
        var more = System.getenv("HOLDFAST_ROUNDS");
        var given = System.getenv("HOLDFAST_SEED");
        long seed = given == null ? System.nanoTime() : Long.parseLong(given);
        System.out.println(test + ": HOLDFAST_SEED=" + seed);
        return new Repetitions(more == null ? rounds : Integer.parseInt(more), seed, new Random(seed));
    }

    /** For assertions: what to say so that somebody can repeat it. */
    public String in(int round) {
        return "round " + round + " of HOLDFAST_SEED=" + seed;
    }
}
