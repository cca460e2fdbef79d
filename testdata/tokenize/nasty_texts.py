"""The texts of goldens.json: what breaks tokenizers, chosen by hand. A pair [unit, count] stands for unit * count."""

PLAIN = [
    "", " ", "  ", "\t", "\n", "\r\n", " \t\n ", "a", "A", "a ", " a", " a ", "a photo of a cat", "A Photo of a CAT.",
    "a  b", "a\tb", "a\nb", "a\r\nb", "a\n\n\nb", "red circle", "black frame around a red circle",
    "the quick brown fox jumps over the lazy dog", "Hello, World!", "hello,world", "hello , world", "hello...world",
    "UPPERCASE TEXT", "CamelCaseIdentifier", "snake_case_identifier", "kebab-case-identifier", "a.b.c", "e.g. this, i.e. that",
    "100% cotton", "$5.00", "€5,00", "£5", "¥500", "1,234,567.89", "1e-10", "0x1F600", "3.14159", "2024-01-31T12:00:00Z",
    "(parentheses)", "[brackets]", "{braces}", "<angles>", "«guillemets»", "“quotes”", "‘single’", "„low“", "`code`",
    "https://example.com/path?query=1&other=2#fragment", "user.name+tag@example.co.uk", "C:\\Windows\\System32", "/usr/local/bin",
    "#hashtag @mention", "a/b", "a\\b", "a|b", "a~b", "a^b", "a=b", "a+b", "a*b", "a&b", "a%b", "1+1=2", "x<y>z", "?!?!", "!!!!!!!!",
    "--", "---", "—", "–", "…", "....", "_", "__", "__init__", "~~~", "***bold***", "_it_", "a--b", "!a!b!c!", "\"", "\"\"", "\\", "\\\\",
    "unaffable", "embeddings", "supercalifragilisticexpialidocious", "antidisestablishmentarianism", "pneumonoultramicroscopicsilicovolcanoconiosis",
    "qwxzvkj", "zzzzzzzz", "aaaaaaaaaaaaaaaa", "abcdefghijklmnopqrstuvwxyz", "0123456789", "00000000000000000000", "a1b2c3", "1st 2nd 3rd 4th", "3d", "4k", "mp3", "H2O",
]  # fmt: skip

APOSTROPHES = [
    "'", "''", "'''", "'s", "'S", "'t", "'re", "'RE", "'ve", "'m", "'ll", "'d", "'x", "'r", "'v", "'l", "'sa", "'rest", "'very",
    "dog's", "DOG'S", "don't", "DON'T", "we're", "I've", "I'm", "she'll", "he'd", "y'all", "rock'n'roll", "'tis", "o'clock",
    "dogs'", "dog 's", "dog ' s", "dog''s", "dog!'s", "!!'s", "!'s!", "'s's's", "''s", "1's", "é's", "中's", "dog\u2019s", "dog\u2018s", "dog\u02bcs", "dog`s", "dog\uff07s",
    "l'eau", "d'accord", "qu'il", "'d've", "shouldn't've", "'dd", "'mm", "'ss", "'lll", "'ree", "'\u017f", "'ſ", "' s", "'\ts",
]  # fmt: skip

MARKERS = [
    "<|endoftext|>", "<|startoftext|>", "<|ENDOFTEXT|>", "<|StartOfText|>", "a<|endoftext|>b", "a <|endoftext|> b", "a \t<|endoftext|>\u3000 b", "a \n<|startoftext|> b", "a <|endoftext|> <|startoftext|> <|endoftext|> b", "a [MASK] [MASK] b", "<|endoftext|><|endoftext|>",
    "<|startoftext|>a photo<|endoftext|>", "<|endoftext", "endoftext|>", "<|endoftext |>", "<<|endoftext|>>", "!!<|endoftext|>!!", "<|endoftext|>'s", "<|<|endoftext|>",
    "<|\u00e9ndoftext|>", "<|endofte\u0301xt|>", "<|endoftext|>\u0301", "\u0301<|endoftext|>", "<|endoftext|>1", "1<|startoftext|>",
    "[SEP]", "[CLS]", "[MASK]", "[UNK]", "[PAD]", "[sep]", "[mask]", "[MaSK]", "a[SEP]b", "a [MASK] b", "[MASK][MASK]", "[[MASK]]", "[MASK", "MASK]", "[ MASK ]",
    "[SEP]\u0301", "\u0301[SEP]", "[CLS] a photo [SEP]", "[unused0]", "[unused99]", "##ing", "## ing", "#ing", "<s>", "</s>", "<pad>", "<mask>", "<unk>", "</w>", "a</w>", "\u0120a", "▁a",
    "[MASK].", ".[MASK]", "[\u00a0MASK]", "[M\u0301ASK]", "[MASK]ing", "un[MASK]",
]  # fmt: skip

ENTITIES = [
    "&amp;", "&lt;b&gt;", "&nbsp;", "&#39;", "&#x27;", "&quot;a&quot;", "AT&amp;T", "AT&T", "&amp;amp;", "&eacute;", "&unknown;", "&", "<br>", "<p>text</p>", "<!-- c -->",
    "%20", "a%20b", "\\n", "\\u00e9", "\\ud83d\\ude00", "\\x00", "{\"key\": [1, 2]}", "SELECT * FROM t;", "${HOME}", "`ls -la`", "$x^2 + y_1$", "\\frac{1}{2}",
]  # fmt: skip

INVISIBLE = ["a\x00b", "\x00", "\x00\x00", "a\x7fb", "a\u200bb", "a\u200cb", "a\u200db", "a\u2060b", "\ufeffa", "a\ufeff", "a\u00adb", "a\u034fb", "a\u061cb", "a\u180eb",
    "a\u200eb", "a\u202eb\u202c", "a\u2066b\u2069", "a\ufff9b\ufffac\ufffb", "\ufffd", "a\ufffdb", "a\ufffeb", "a\uffffb", "a\ue000b", "a\U000f0000b", "a\U0010ffffb",
    "a\U000e0001b", "a\U000e0041b", "\ufe0f", "a\ufe0f", "a\ufe00b", "a\U000e0100b", "\u2028", "\u2029", "\x1b[31mred\x1b[0m"]  # fmt: skip
CONTROLS = [f"a{chr(c)}b" for c in (*range(1, 0x20), *range(0x80, 0xA1, 3), 0x85)]
SPACES = [f"a{chr(c)}b" for c in (0xA0, 0x1680, 0x180E, 0x2000, 0x2003, 0x2007, 0x2009, 0x200A, 0x202F, 0x205F, 0x3000)] + [
    "\u00a0", "\u3000a\u3000", " \u00a0 \u2003 ", "a \u00a0b", "a\u00a0 b", "\u2003\u2003a"]  # fmt: skip

ACCENTS = [
    "café", "cafe\u0301", "CAFÉ", "CAFE\u0301", "naïve", "façade", "Ångström", "A\u030angstro\u0308m", "\u212b", "\u2126", "\u212a", "e\u0301\u0302", "e\u0302\u0301", "a\u0323\u0307", "a\u0307\u0323",
    "q\u0307\u0323", "\u0301", "\u0301a", "a\u0301\u0301", " \u0301", "\u1e69", "s\u0323\u0307", "\u1e9b\u0323", "ﬁ ﬂ ﬃ", "½ ¼ ²", "①②③", "㎏", "ǅ", "ǆ", "Ǆ", "ß", "ẞ", "STRASSE", "straße",
    "İ", "ı", "İSTANBUL", "Iı İi", "i\u0307", "I\u0307", "Σ", "ΣΊΣΥΦΟΣ", "ΟΔΟΣ", "ς", "σς", "Ά", "Α\u0301", "ᾳ", "ᾼ", "\u0344", "\u0340", "\u0341", "\u0343", "\u0345", "α\u0345\u0301", "α\u0301\u0345",
    "Ǻ", "Ø", "ø", "Đ đ", "Ł ł", "Æ æ", "Œ œ", "þ Þ ð Ð", "ñ Ñ", "n\u0303", "ç c\u0327", "ő ű", "ệ", "e\u0323\u0302", "Tiếng Việt", "Việt\u0301", "Zażółć gęślą jaźń", "Příliš žluťoučký kůň",
    "Z\u0351\u036b\u0343a\u0363\u0342l\u034cg\u0353o\u0324", ["e", 1], ["e\u0301", 50], ["a\u0316\u0301", 20], ["\u0316\u0317\u0301\u0300", 12], "a\u0317\u0323e\u0301", "a\u0317\u0301\u0323", "e\u0301a\u0313\u0301", "\u0958", "\u0929", "\u09cb", "\u09c7\u09be", "\u0f43", "\u0f73", "\u0f71\u0f72", "\u2adc", "\U0001d15e", "\U0001d157\U0001d165", "\U00011938", "\U00011935\U00011930", "\ufb1d", "\ufb2c", "\uf900", "\U0002f800",
]  # fmt: skip

SCRIPTS = [
    "Привет, мир!", "ПРИВЕТ", "ё Ё е\u0308", "й и\u0306", "Ґґ Її", "Ελληνικά", "Հայերեն", "ՀԱՅ", "ქართული", "ᲥᲐᲠᲗᲣᲚᲘ", "ႠႡႢ", "ᏣᎳᎩ", "ꮳꮃꭹ", "ⰀⰁ", "Ⲁⲁ", "𐐀𐐨", "𞤀𞤢", "𐲀𐳀", "𖹀𖹠",
    "مرحبا بالعالم", "السَّلَامُ عَلَيْكُمْ", "فارسی", "اردو", "שלום עולם", "שָׁלוֹם", "ܫܠܡܐ", "ދިވެހި", "ߒߞߏ", "नमस्ते दुनिया", "क़ ख़", "বাংলা", "ਪੰਜਾਬੀ", "ગુજરાતી", "ଓଡ଼ିଆ", "தமிழ்", "తెలుగు", "ಕನ್ನಡ", "മലയാളം", "සිංහල", "ภาษาไทย", "กำ", "ພາສາລາວ", "བོད་སྐད།", "မြန်မာ", "ភាសាខ្មែរ", "አማርኛ", "ᠮᠣᠩᠭᠣᠯ", "ꦧꦱꦗꦮ", "ᜀᜁ",
    "中文", "中文字符测试", "繁體中文", "中a文b", "我爱cats", "東京タワー", "ひらがな", "カタカナ", "が か\u3099", "パ ハ\u309a", "ｶﾞ", "ﾊﾟ", "々〆ヶ", "〇一二三", "、。「」", "（全角）", "ＡＢＣ ａｂｃ １２３", "한국어", "한글 테스트", "각", "\u1100\u1161\u11a8", "\u1100\u1161", "가\u11a8", "각\u11a8", "\u1100\u1100\u1161", "\u1161\u11a8", "\u3131\u314f", "ㄱㅏ", "\U00020000", "\U0002a6d6\U0002a700", "\U0002b81f\U0002b820\U0002b91f\U0002b920", "\U0002ebf0", "\U00030000", "⺀⼀", "㐀", "豈", "㊗",
]  # fmt: skip

DIGITS = ["٠١٢٣", "۴۵۶", "०१२३", "০১২", "๑๒๓", "໑໒", "༡༢", "１２３", "𝟘𝟙𝟚", "𝐀𝐁𝐂 𝓪𝓫", "Ⅷ ⅷ", "ↀↁ", "½", "x²", "x₂", "¾ cup", "㉑", "㈠", "㋀", "零", "𐄇", "𞥐𞥑", "𑁦", "12３٤५", "1½2", "a1٢b", "꠰", "𑽐", "𖭐"]  # fmt: skip

SYMBOLS = [
    "😀", "😀😀😀", "a😀b", "👍🏽", "👨\u200d👩\u200d👧\u200d👦", "🏳\ufe0f\u200d🌈", "🇩🇪🇫🇷", "1\ufe0f\u20e3", "❤\ufe0f", "❤", "☃", "✓✔", "→←↔", "∑∫√∞", "≠≤≥", "a≠b", "=\u0338", "<\u0338", "©®™", "°C", "№", "§¶†‡", "•·", "♠♥♦♣", "░▒▓█", "─│┌┐", "⠁⠂", "🀀🂡", "𝄞", "𝕏", "🏴\U000e0067\U000e0062\U000e007f", "🧑🏿\u200d🚀", "🫠🫡", "🪿", "\U0001fae9", "♂\ufe0f", "℃ ℉ Å", "⁂ ※ ‼ ⁉", "¡Hola! ¿Qué tal?", "·a·", "‐‑‒", "a\u2011b", "a\u00b7b", "\u055d\u055e", "。", "؟", "।", "፡", "፠", "᠀", "\u166d", "\U000111c9", "\u061d", "\U00011f43", "⸺", "\u2e52", "꡴", "\U00016fe2",
]  # fmt: skip

NEW_CHARACTERS = ["\u1c89\u1c8a", "\ua7cb\ua7da\ua7dc", "\ua7ce\ua7d2\ua7d4", "\U00010d50\U00010d70", "\U00016ea0", "\U000105c0", "\U00011380", "\U0001ccf0", "a\u0898\u0316b", "a\U00010efd\u0316", "e\u1ac1\u0301", "\u1734", "\U00011241", "\u0cdd", "\u0378"]  # fmt: skip

LONG = [
    ["a", 99], ["a", 100], ["a", 101], ["é", 100], ["é", 101], ["ab", 50], ["ab", 51], ["x", 1000], ["x", 10000], ["1", 100], ["!", 100], ["!", 101], ["中", 100], ["😀", 40], ["a ", 75], ["a ", 76], ["a ", 77], ["a ", 126], ["a ", 127],
    ["word ", 2000], ["hello, world! ", 800], ["supercalifragilistic", 500], ["\u0301", 100], ["a\u0301", 5000], [" ", 10000], ["\n", 500], ["'s", 200], ["[MASK]", 130], ["<|endoftext|>", 80], ["<|", 500], ["[", 500], ["한", 120], ["abc中", 60], ["日本語 text ", 300], ["zq", 3000], ["e\u0323\u0302", 1000], ["ا", 150], ["👨\u200d👩\u200d👧 ", 60], ["0123456789", 1000], ["#", 64], ["𝒳", 110],
]  # fmt: skip

TEXTS = (
    PLAIN
    + APOSTROPHES
    + MARKERS
    + ENTITIES
    + INVISIBLE
    + CONTROLS
    + SPACES
    + ACCENTS
    + SCRIPTS
    + DIGITS
    + SYMBOLS
    + NEW_CHARACTERS
    + LONG
)
