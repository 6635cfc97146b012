import CFFmpeg
import Foundation
import Media
import Telemetry

/// The files of a numbered sequence such as `frames/%05d.png`, in order, whatever numbers are missing. FFmpeg's own reader of sequences ends at
/// a gap; here it reads one name again and again, and gets the next file each time.
final class PictureList: @unchecked Sendable {
  // Safety: used by the thread that reads.

  /// The files that are there.
  let files: [String]
  /// What is missing between them, as in "6, 9 to 12"; nil for nothing.
  let missing: String?
  /// The file that is read next.
  var position = 0

  var isAtEnd: Bool { position >= files.count }

  /// Looks which files of such a name there are.
  init(_ pattern: String) throws {
    let name = pattern.lastName
    guard let field = name.firstMatch(of: /%(0[0-9]+)?d/) else {
      throw UserError("cannot open \(pattern): the number must be in the file's name, as in frames/%05d.png", .usage)
    }
    let (head, tail) = (name[..<field.range.lowerBound], name[field.range.upperBound...])
    let width = field.output.1.flatMap { Int($0) } ?? 1
    let folder = pattern.folder
    let names = Files.names(in: folder)
    let numbers = names.compactMap { Self.number($0, head, tail, width) }.sorted()
    guard !numbers.isEmpty else {
      throw UserError("cannot open \(pattern): no file in \(folder) has such a name; check the path and the digits")
    }
    files = numbers.map { folder.appending(name: "\(head)\(Self.digits($0, width))\(tail)") }
    missing = Self.gaps(numbers)
  }

  private static func number(_ file: String, _ head: Substring, _ tail: Substring, _ width: Int) -> Int? {
    let name = file.utf8
    guard name.starts(with: head.utf8), name.reversed().starts(with: tail.utf8.reversed()),
      name.count >= head.utf8.count + tail.utf8.count + width
    else { return nil }
    let text = String(decoding: name.dropFirst(head.utf8.count).dropLast(tail.utf8.count), as: UTF8.self)
    guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text) else { return nil }
    return digits(number, width) == text ? number : nil
  }

  private static func digits(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }

  private static func gaps(_ numbers: [Int]) -> String? {
    let gaps = zip(numbers, numbers.dropFirst()).filter { $1 > $0 + 1 }.map { ($0 + 1, $1 - 1) }
    guard !gaps.isEmpty else { return nil }
    let shown = gaps.prefix(5).map { $0 == $1 ? "\($0)" : "\($0) to \($1)" }.joined(separator: ", ")
    return gaps.count > 5 ? "\(shown) and \(gaps.count - 5) more gaps" : shown
  }

  /// Makes FFmpeg's reader of pictures, which must be told to repeat its one file, read these files. The list must live as long.
  func serve(_ context: UnsafeMutablePointer<AVFormatContext>) {
    // Safety: the demuxer holds both.
    context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
    context.pointee.io_open = { context, io, _, flags, options in
      guard let context, let opaque = context.pointee.opaque else { return -EINVAL }
      let list = Unmanaged<PictureList>.fromOpaque(opaque).takeUnretainedValue()
      guard !list.isAtEnd else { return fovea_averror_eof }
      defer { list.position += 1 }
      let address = ("file:" + list.files[list.position]).fileName
      return avio_open2(io, address, flags, &context.pointee.interrupt_callback, options)
    }
  }
}
