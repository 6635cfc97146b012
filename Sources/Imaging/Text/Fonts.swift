import CCairo
import Telemetry

/// The fonts of the system.
enum Fonts {
  /// Throws where there is none that has Latin letters and digits.
  static func check() throws {
    if let problem { throw problem }
  }

  private static let problem: UserError? = {
    if fovea_text_has_fonts() != 0, let text = fovea_text_new(TextRenderer.family, 1) {
      defer { fovea_text_free(text) }
      let size = fovea_text_set(text, "Labels 0123456789 %", 12, 0, -1, 0)
      if size.missing == 0, size.advance > 0 { return nil }
    }
    return UserError(
      "there is no font to write labels with; install one (on Debian fonts-dejavu-core), look at what FONTCONFIG_FILE and "
        + "FONTCONFIG_PATH say, or draw nothing that has text (--top 0)")
  }()
}
