/// Reads the Python literal in an npy header: a dictionary of strings, booleans and tuples of whole numbers.
struct NpyLiteralScanner {
  enum Value: Equatable {
    case string(String)
    case boolean(Bool)
    case tuple([Int])
  }

  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) { self.text = text }

  /// `{'key': value, …}` up to the end of the text; nil when anything else is there.
  mutating func dictionary() -> [String: Value]? {
    var entries: [String: Value] = [:]
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = string(), take(":"), let value = value(), entries.updateValue(value, forKey: key) == nil else {
        return nil
      }
      if !take(",") && peek() != UInt8(ascii: "}") { return nil }
    }
    return peek() == nil ? entries : nil
  }

  private mutating func value() -> Value? {
    switch peek() {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): string().map(Value.string)
    case UInt8(ascii: "("): tuple().map(Value.tuple)
    default: word("True") ? .boolean(true) : word("False") ? .boolean(false) : nil
    }
  }

  private mutating func string() -> String? {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
    position += 1
    guard let end = text[position...].firstIndex(of: quote) else { return nil }
    defer { position = end + 1 }
    let bytes = text[position..<end]
    return bytes.contains(UInt8(ascii: "\\")) ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var numbers: [Int] = []
    while !take(")") {
      guard numbers.count < 64, let number = number() else { return nil }
      numbers.append(number)
      if !take(",") && peek() != UInt8(ascii: ")") { return nil }
    }
    return numbers
  }

  private mutating func number() -> Int? {
    _ = peek()
    let digits = text[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    position = digits.endIndex
    if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }  // written by Python 2
    return Int(String(decoding: digits, as: UTF8.self))
  }

  private mutating func word(_ word: StaticString) -> Bool {
    let bytes = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard text[position...].starts(with: bytes) else { return false }
    position += bytes.count
    return true
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// The next byte that is not white space.
  private mutating func peek() -> UInt8? {
    while position < text.count, text[position] == 0x20 || (0x09...0x0d).contains(text[position]) { position += 1 }
    return position < text.count ? text[position] : nil
  }
}
