import Foundation

/// The ways in which files list the names of classes, beside one name in each line.
enum LabelList {
  /// Names in JSON: a list; `{"0": "tench"}`; `{"0": ["n01440764", "tench"]}`; `{"tench": 0}`; or one of these under `id2label`, `label2id`,
  /// `labels` or `names`. Nil for a text that is none of them.
  static func names(inJSON text: String) -> [String]? {
    guard let first = text.first(where: { !$0.isWhitespace }), first == "{" || first == "[",
      let value = try? JSONSerialization.jsonObject(with: Data(text.utf8))
    else { return nil }
    return names(in: value)
  }

  /// Names in a value of JSON.
  static func names(in value: Any) -> [String]? {
    if let list = value as? [Any] {
      let names = list.compactMap(name)
      return names.count == list.count && !names.isEmpty ? names : nil
    }
    guard let table = value as? [String: Any] else { return nil }
    for key in ["id2label", "labels", "names", "label2id"] {
      if let inner = table[key], let names = names(in: inner) { return names }
    }
    return byNumber(table.mapValues(name)) ?? byNumber(inverted(table))
  }

  /// A text, or the last one of `["n01440764", "tench"]`.
  private static func name(_ value: Any) -> String? { value as? String ?? (value as? [String])?.last }

  private static func inverted(_ table: [String: Any]) -> [String: String?] {
    Dictionary(table.compactMap { name, value in (value as? Int).map { (String($0), name) } }) { first, _ in first }
  }

  /// Names by number; nil unless the keys are 0, 1, 2, ….
  static func byNumber(_ table: [String: String?]) -> [String]? {
    let names = (0..<table.count).compactMap { table[String($0)].flatMap { $0 } }
    return names.count == table.count && !names.isEmpty ? names : nil
  }

  /// Names behind their numbers, as in `0 Cat`, `1 Dog`, which Teachable Machine writes; nil unless every line is so.
  static func names(inNumberedLines lines: [String]) -> [String]? {
    let names = lines.enumerated().compactMap { number, line -> String? in
      let words = line.split(separator: " ", maxSplits: 1)
      return words.count == 2 && words[0] == String(number) ? words[1].trimmingCharacters(in: .whitespaces) : nil
    }
    return names.count == lines.count && names.count > 1 ? names : nil
  }
}
