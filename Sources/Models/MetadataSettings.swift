import Foundation
import Tensors

/// What an ONNX file's metadata_props say about preprocessing and labels, by the keys that exporters use:
/// `labels`, `names` or `classes` (JSON list or object, a Python dictionary, or names separated by commas or lines),
/// `mean`, `std`, `scale` (numbers), `input_size`, `imgsz` or `size` (one or two numbers), `color` (rgb, bgr, gray).
struct MetadataSettings {
  var labels: [String]?
  var mean: [Float]?, std: [Float]?
  var scale: Float?
  var size: (height: Int, width: Int)?
  var color: ColorOrder?

  init(_ properties: [String: String]) {
    let lowered = Dictionary(properties.map { ($0.lowercased(), $1) }, uniquingKeysWith: { first, _ in first })
    labels = ["labels", "names", "classes"].lazy.compactMap { lowered[$0].flatMap(Self.names) }.first
    mean = lowered["mean"].flatMap(Self.numbers)
    std = lowered["std"].flatMap(Self.numbers)
    scale = lowered["scale"].flatMap(Self.numbers)?.first
    color = lowered["color"].flatMap { ColorOrder(rawValue: $0.lowercased()) }
    size = ["input_size", "imgsz", "size"].lazy.compactMap { lowered[$0].flatMap(Self.size) }.first
  }

  /// The numbers in a text, whatever separates them; nil when there are none.
  static func numbers(_ text: String) -> [Float]? {
    let words = text.split { !($0.isASCII && ($0.isNumber || "+-.eE".contains($0))) }
    let values = words.compactMap { Float($0) }.filter(\.isFinite)
    return values.isEmpty ? nil : values
  }

  private static func size(_ text: String) -> (height: Int, width: Int)? {
    // [3, 224, 224] and [1, 3, 224, 224] occur too: the last two count.
    guard let values = numbers(text)?.suffix(2), values.allSatisfy({ $0 >= 1 && $0 <= 16384 }) else { return nil }
    return (Int(values.first ?? 0), Int(values.last ?? 0))
  }

  private static func names(_ text: String) -> [String]? {
    if let names = LabelList.names(inJSON: text) { return names }
    if text.hasPrefix("{") { return pythonDictionary(text) }
    let parts = text.split { $0.isNewline || (!text.contains("\n") && $0 == ",") }
    let names = parts.map { $0.trimmingCharacters(in: .whitespaces) }
    return names.count > 1 ? names : nil
  }

  /// As in `{0: 'tench', 1: "gold'fish"}`, which Python's `str` makes of a dictionary.
  private static func pythonDictionary(_ text: String) -> [String]? {
    var table: [String: String?] = [:]
    var rest = text.dropFirst()
    while let colon = rest.firstIndex(of: ":") {
      let key = rest[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: " ,'\""))
      rest = rest[rest.index(after: colon)...].drop { $0 == " " }
      guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
      rest = rest.dropFirst()
      var name = ""
      while let letter = rest.popFirst(), letter != quote {
        if letter == "\\", let escaped = rest.popFirst() { name.append(escaped) } else { name.append(letter) }
      }
      table[key] = name
    }
    return LabelList.byNumber(table)
  }
}
