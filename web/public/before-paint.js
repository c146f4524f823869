// Runs before the first paint, so that a chosen theme never flashes the other one, and no page turns round while it is read.
{
  const kept = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      // A browser that refuses storage follows the system's theme and its own languages.
      return null;
    }
  };

  const theme = kept("specie.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

  // The same choice as languageOf makes in src/messages/languages.ts; a test holds the two together.
  const spoken = ["en", "id", "hi", "ar"];
  const chosen = kept("specie.language");
  const wanted = [chosen, ...navigator.languages.map((locale) => locale.split("-")[0])];
  const language = wanted.find((candidate) => spoken.includes(candidate)) ?? "en";
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  // The exported page is in English: it stays unseen until the words of another language are here.
  if (language !== "en") document.documentElement.dataset.words = "awaited";
}
