import CFFmpeg
import Frames
import Media
import Telemetry

extension Muxer {
  /// Keys that describe the container that was read, not the film in it.
  static let containerKeys: Set<String> = ["major_brand", "minor_version", "compatible_brands", "encoder", "duration"]
  /// Keys that describe the packets that were read.
  static let streamKeys: Set<String> = ["duration"]
  /// Keys that describe the pictures that were read: those written are upright and encoded anew.
  static let videoKeys: Set<String> = ["rotate", "encoder", "duration", "vendor_id"]

  /// Copies entries but those named, and Matroska's statistics of the old packets.
  func copyMetadata(_ source: OpaquePointer?, to target: inout OpaquePointer?, without keys: Set<String>) throws {
    var entry: UnsafeMutablePointer<AVDictionaryEntry>?
    while let next = av_dict_get(source, "", entry, AV_DICT_IGNORE_SUFFIX) {
      entry = next
      let key = String(cString: next.pointee.key).lowercased()
      let isStatistics = ["bps", "number_of_", "_statistics_", "duration-"].contains { key.hasPrefix($0) }
      if keys.contains(key) || isStatistics { continue }
      try ffmpeg(av_dict_set(&target, next.pointee.key, next.pointee.value, 0), "cannot copy the metadata")
    }
  }

  /// Gives the container chapters; it frees them with itself.
  static func add(_ chapters: [Chapter], to context: UnsafeMutablePointer<AVFormatContext>, _ muxer: Muxer) throws {
    guard !chapters.isEmpty else { return }
    let size = MemoryLayout<UnsafeMutablePointer<AVChapter>?>.stride
    let list = try ffmpeg(av_calloc(chapters.count, size), "cannot copy the chapters")
    let slots = list.assumingMemoryBound(to: UnsafeMutablePointer<AVChapter>?.self)
    context.pointee.chapters = slots
    for (index, chapter) in chapters.enumerated() {
      let memory = try ffmpeg(av_mallocz(MemoryLayout<AVChapter>.size), "cannot copy the chapters")
      let made = memory.assumingMemoryBound(to: AVChapter.self)
      slots[index] = made
      context.pointee.nb_chapters = UInt32(index + 1)
      made.pointee.id = chapter.id
      made.pointee.time_base = chapter.timeBase.ffmpeg
      (made.pointee.start, made.pointee.end) = (chapter.start, chapter.end)
      try muxer.copyMetadata(chapter.metadata.pointer, to: &made.pointee.metadata, without: [])
    }
  }
}

extension [Chapter] {
  /// The chapters of an output that begins at `start`, which is in units of `base`.
  func moved(by start: Int64, in base: AVRational) -> [Chapter] {
    guard start != 0 else { return self }
    return compactMap { chapter in
      var chapter = chapter
      let shift = av_rescale_q(start, base, chapter.timeBase.ffmpeg)
      chapter.start = Swift.max(chapter.start.subtractingClamped(shift), 0)
      chapter.end = chapter.end.subtractingClamped(shift)
      return chapter.end > 0 ? chapter : nil
    }
  }
}
