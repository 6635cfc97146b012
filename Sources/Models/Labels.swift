import Foundation
import Telemetry

/// The names of a model's classes, by position in its output.
package struct Labels: Sendable {
  package let names: [String]

  /// These names; control characters, which would break a line or a terminal, become spaces.
  package init(_ names: [String]) {
    self.names = names.map { name in
      name.unicodeScalars.contains(where: Self.isControl)
        ? String(String.UnicodeScalarView(name.unicodeScalars.map { Self.isControl($0) ? " " : $0 })) : name
    }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }

  /// `class 17` for each class of a model that brings no names.
  package init(numbered count: Int) { names = (0..<count).map { "class \($0)" } }

  /// The name of a class.
  package subscript(index: Int) -> String {
    names.indices.contains(index) ? names[index] : "class \(index)"
  }

  /// Reads one name per line. Of `n01440764 tench, Tinca tinca` the WordNet number and the synonyms are left out.
  package static func read(_ path: String) throws -> [String] {
    guard let size = Files.status(path)?.st_size else {
      throw UserError("cannot read the labels \(path): there is no such file. Name one label per line in it.")
    }
    guard size <= 16 << 20 else {
      throw UserError("the labels \(path) are too long (\(size >> 20) MiB): one label per line is expected.")
    }
    guard let data = Files.contents(path) else {
      throw UserError("cannot read the labels \(path): is it a file that you may read?")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw UserError("the labels \(path) are not UTF-8 text.")
    }
    if let names = LabelList.names(inJSON: text) { return names }
    return parse(text)
  }

  /// The names in a text of one per line.
  package static func parse(_ text: String) -> [String] {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    // ImageNet's classes are listed without WordNet numbers too; the first one tells.
    if let named = LabelList.names(inNumberedLines: lines.map(String.init)) { return named }
    let isImageNet = lines.prefix(2).contains { $0.hasPrefix("tench, Tinca tinca") }
    return lines.map { line in
      let name = firstName(String(line))
      return isImageNet ? firstSynonym(Substring(name)) ?? name : name
    }
  }

  /// The first name of a synset line; other lines as they are.
  private static func firstName(_ line: String) -> String {
    let trimmed = line.trimmingCharacters(in: .whitespaces)
    let words = trimmed.split(separator: " ", maxSplits: 1)
    guard words.count == 2, isWordNetID(words[0]) else { return trimmed }
    return firstSynonym(words[1]) ?? trimmed
  }

  private static func firstSynonym(_ names: Substring) -> String? {
    names.split(separator: ",", maxSplits: 1).first.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// As in n01440764: a letter and eight digits.
  private static func isWordNetID(_ word: Substring) -> Bool {
    word.count == 9 && word.first == "n" && word.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
  }
}
