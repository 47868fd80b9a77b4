package dev.holdfast.engine.restore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StagedNamesTest {
    private final StagedNames names = new StagedNames.Builder("stage")
            .move("public", "t")
            .move("public", "t_id_seq")
            .move("we\"ird.s", "a'b")
            .build();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            CREATE TABLE "public"."t" ("id" integer)              | CREATE TABLE "stage_0"."t" ("id" integer)
            REFERENCES "public"."other"("id")                     | REFERENCES "public"."other"("id")
            "other"."t"                                           | "other"."t"
            nextval('"public"."t_id_seq"'::"regclass")            | nextval('"stage_0"."t_id_seq"'::"regclass")
            nextval('"public"."t_id_seq"'::regclass)              | nextval('"stage_0"."t_id_seq"'::regclass)
            COMMENT ON TABLE "public"."t" IS 'see "public"."t"'   | COMMENT ON TABLE "stage_0"."t" IS 'see "public"."t"'
            CHECK ("c" = E'it\\'s "public"."t"')                  | CHECK ("c" = E'it\\'s "public"."t"')
            CHECK ("c" <> 'it''s' AND "public"."t".x)             | CHECK ("c" <> 'it''s' AND "stage_0"."t".x)
            ALTER TABLE "we""ird.s"."a'b" ADD "public" text       | ALTER TABLE "stage_1"."a'b" ADD "public" text
            AS $$ select "public"."t" $$                          | AS $$ select "public"."t" $$
            AS $x$ $$ "public"."t" $x$, "public"."t"              | AS $x$ $$ "public"."t" $x$, "stage_0"."t"
            "public" . "t"                                        | "public" . "t"
            """)
    void movesNamesAndNothingElse(String before, String after) {
        assertThat(names.rewrite(before)).isEqualTo(after);
    }
}
