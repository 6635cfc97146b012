import CFFmpeg
import Frames
import Media

/// Makes the `SourceInfo` of an open source.
enum SourceDescription {
  static func describe(
    _ opened: StreamOpening, name: String, isLive: Bool, options: SourceOptions
  ) throws -> SourceInfo {
    let reader = opened.reader
    let whole = reader.claimedDuration
    var duration = whole.map { max(0, $0 - (options.start ?? 0)) }
    if options.loop {
      duration = options.duration
    } else if let limit = options.duration {
      duration = min(duration ?? limit, limit)
    }
    var frames = reader.claimedFrames
    if let duration, let whole, duration < whole || options.loop, whole > 0 {
      frames = frames.map { max(1, Int(min((Double($0) * (duration / whole)).rounded(), 1e12))) }
    } else if options.loop {
      frames = nil
    }
    return SourceInfo(
      name: name, duration: duration, frameCount: frames, isLive: isLive, companions: try companions(opened))
  }

  private static func companions(_ opened: StreamOpening) throws -> MediaCompanions {
    let (context, video) = (opened.reader.demuxer.context, opened.reader.stream)
    let others = opened.reader.demuxer.streams.filter { $0 != video }
    return MediaCompanions(
      streams: try others.map { try StreamDescription(copying: $0) },
      video: try StreamDescription(
        copying: video, sideData: StreamSideData.video(video, firstPicture: opened.picture.pointer)),
      chapters: try chapters(opened), metadata: try MetadataList(copying: context.pointee.metadata),
      start: start(opened))
  }

  /// When the first stream of the container begins, which may be sound that comes before the first picture.
  private static func start(_ opened: StreamOpening) -> Int64 {
    let (context, first) = (opened.reader.demuxer.context, opened.firstTime)
    guard !opened.timeLine.cutsStart, context.pointee.start_time != fovea_nopts else { return first }
    let microsecond = AVRational(num: 1, den: AV_TIME_BASE)
    var whole = av_rescale_q(context.pointee.start_time, microsecond, opened.reader.stream.pointee.time_base)
    // What sound needs to get going may lie below 0 (ISO/IEC 14496-12 has edit lists for it).
    if first >= 0 { whole = max(whole, 0) }
    // Where the clock may jump, tracks that lie further apart were brought together.
    if opened.reader.demuxer.mayJump, whole.subtractingClamped(first) < -opened.reader.units(10) { return first }
    // FFmpeg rounds the beginning to microseconds.
    return whole.subtractingClamped(first).magnitude <= opened.reader.units(2e-6).magnitude ? first : min(whole, first)
  }

  /// The chapters, moved and cut as the frames are.
  private static func chapters(_ opened: StreamOpening) throws -> [Chapter] {
    let context = opened.reader.demuxer.context
    let base = opened.reader.stream.pointee.time_base
    return try (0..<Int(context.pointee.nb_chapters)).compactMap { i in
      guard let chapter = context.pointee.chapters[i]?.pointee else { return nil }
      let shift = av_rescale_q(opened.timeLine.offset ?? 0, base, chapter.time_base)
      var (start, end) = (chapter.start.addingClamped(shift), chapter.end.addingClamped(shift))
      if opened.timeLine.cutsStart {
        guard end > 0 else { return nil }
        start = max(start, 0)
      }
      if let last = opened.timeLine.endTime {
        let limit = av_rescale_q(last, base, chapter.time_base).addingClamped(shift)
        guard start < limit else { return nil }
        end = min(end, limit)
      }
      return Chapter(
        id: chapter.id, timeBase: Rational(chapter.time_base), start: start, end: end,
        metadata: try MetadataList(copying: chapter.metadata))
    }
  }
}
