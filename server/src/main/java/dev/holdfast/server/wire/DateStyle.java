package dev.holdfast.server.wire;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** The session's DateStyle and TimeZone, as the upstream reports them: how it would print a timestamp. */
public record DateStyle(String style, boolean dayFirst, ZoneId zone) {
    public static final DateStyle ISO = new DateStyle("ISO", false, ZoneOffset.UTC);

    /** {@code dateStyle} is like {@code ISO, MDY}; a zone that Java does not know is shown as UTC. */
    public static DateStyle of(String dateStyle, String timeZone) {
        var parts = dateStyle.split(",");
        ZoneId zone;
        try {
            zone = ZoneId.of(timeZone);
        } catch (DateTimeException e) {
            zone = ZoneOffset.UTC;
        }
        return new DateStyle(parts[0].strip(), parts.length > 1 && parts[1].strip().equals("DMY"), zone);
    }

    String timestamp(Instant time) {
        var utc = time.atZone(ZoneOffset.UTC);
        return utc.format(pattern()) + (isPostgres() ? utc.format(year()) : "");
    }

    String timestampWithZone(Instant time) {
        var local = time.atZone(zone);
        if (style.equals("ISO")) {
            return local.format(pattern()) + offset(local);
        }
        return local.format(pattern()) + (isPostgres() ? local.format(year()) : "")
                + " " + local.format(DateTimeFormatter.ofPattern("zzz", Locale.ROOT));
    }

    private boolean isPostgres() {
        return !style.equals("ISO") && !style.equals("SQL") && !style.equals("German");
    }

    private DateTimeFormatter year() {
        return DateTimeFormatter.ofPattern(" yyyy", Locale.ROOT);
    }

    private DateTimeFormatter pattern() {
        var date =
                switch (style) {
                    case "ISO" -> "yyyy-MM-dd";
                    case "SQL" -> dayFirst ? "dd/MM/yyyy" : "MM/dd/yyyy";
                    case "German" -> "dd.MM.yyyy";
                    default -> dayFirst ? "EEE dd MMM" : "EEE MMM dd";
                };
        return new DateTimeFormatterBuilder()
                .appendPattern(date + " HH:mm:ss")
                // Microseconds without trailing zeros, and no point when there are none.
                .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
                .toFormatter(Locale.ROOT);
    }

    /** {@code +02}, {@code +05:30}. */
    private static String offset(ZonedDateTime time) {
        int seconds = time.getOffset().getTotalSeconds();
        var text = "%s%02d".formatted(seconds < 0 ? "-" : "+", Math.abs(seconds) / 3600);
        int minutes = Math.abs(seconds) / 60 % 60;
        return minutes == 0 ? text : text + ":%02d".formatted(minutes);
    }
}
