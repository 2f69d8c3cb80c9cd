//! What to do next, with causes and fixes in plain words.

use crate::names;

/// Adds the usual causes and the fixes to the list of names.
macro_rules! actions {
    ($($variant:ident = $name:literal, $meaning:literal,
        causes: [$($cause:literal),+ $(,)?],
        fixes: [$($fix:literal),+ $(,)?];)+) => {
        names! {
            /// What a person or a program does next.
            ///
            /// ```
            /// use intercom_errors::Action;
            ///
            /// assert_eq!(Action::AddScope.as_str(), "add_scope");
            /// assert!(Action::AddScope.fixes()[0].contains("OAuth"));
            /// ```
            #[non_exhaustive]
            pub enum Action, doc("In short: ", ".") {
                $($variant = $name, $meaning;)+
            }
        }

        impl Action {
            /// Why one meets it: the usual causes, the most frequent first.
            #[must_use]
            pub const fn causes(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($cause),+],)+ }
            }

            /// What mends it, step by step.
            #[must_use]
            pub const fn fixes(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($fix),+],)+ }
            }
        }
    };
}

actions! {
    AddScope = "add_scope", "add the missing permission",
        causes: [
            "The app lacks the OAuth scope this endpoint needs.",
            "The resource belongs to another workspace than the token.",
            "The admin behind the token may not do this.",
        ],
        fixes: [
            "Developer Hub > your app > Authentication > OAuth scopes: add the scope, then install the app again so that a new token carries it.",
            "Call GET /me and see that app.id_code is the workspace you mean.",
            "Settings > Teammates: give the admin the permission, or use the token of one who has it.",
        ];
    AskForLess = "ask_for_less", "ask for less at a time, or allow a larger answer",
        causes: [
            "The page or export is larger than the program takes at once.",
            "Something between this machine and Intercom answered with a download.",
        ],
        fixes: [
            "Ask for fewer items a page (per_page, pagination.per_page).",
            "Raise the client's limit for answers if one this large is expected.",
        ];
    BackOff = "back_off", "wait, then send it again",
        causes: [
            "The app's requests of this ten-second window are spent: a limit of 10,000 a minute is 1,667 in ten seconds.",
            "All private apps of a workspace share its 25,000 a minute, which no header shows.",
            "Several processes use one token without knowing of each other.",
        ],
        fixes: [
            "Wait until X-RateLimit-Reset or as long as Retry-After says, by the Date of the same response; without either, wait longer with each attempt. Then send the same request.",
            "Spread requests over the window instead of sending them at its start.",
            "Ask Intercom's support for a higher limit if the quota is always spent.",
        ];
    CheckConnection = "check_connection", "check host, network and certificates",
        causes: [
            "The host name is wrong or cannot be resolved here.",
            "A firewall or proxy stands between this machine and Intercom.",
            "The server's certificate is not trusted by this machine.",
        ],
        fixes: [
            "See that the base URL is https://api.intercom.io, https://api.eu.intercom.io or https://api.au.intercom.io.",
            "Try curl -sI https://api.intercom.io from the same machine.",
        ];
    ContactSupport = "contact_support", "check the base URL, then contact Intercom's support",
        causes: [
            "The response is not one that the API documents.",
            "Something between this machine and Intercom answered in its place.",
        ],
        fixes: [
            "Check the base URL and the path: a page of HTML often comes from a proxy or a wrong host.",
            "Send Intercom's support the request id and the time.",
        ];
    ContinueSession = "continue_session", "continue the session that is open",
        causes: ["Fin has a session in this conversation already; there is one at a time."],
        fixes: ["Send what you have to say with /reply to the open session instead of beginning another one."];
    CreateAttribute = "create_attribute", "create the custom attribute first",
        causes: [
            "The custom attribute that the message names does not exist in this workspace, or is archived.",
            "Its name is spelt otherwise, or its label stands where its name is expected.",
        ],
        fixes: [
            "GET /data_attributes?model=contact lists the attributes with their names.",
            "POST /data_attributes with name, model and data_type creates it; then send the same request.",
        ];
    FixAcceptHeader = "fix_accept_header", "send Accept: application/json",
        causes: ["The Accept header is missing or admits nothing this endpoint can answer."],
        fixes: ["Send Accept: application/json; for downloads send Accept: application/octet-stream."];
    FixApiVersion = "fix_api_version", "send an Intercom-Version that has this endpoint",
        causes: [
            "The Intercom-Version header, or else the version in the app's settings, is unknown or too old for this endpoint.",
        ],
        fixes: [
            "Send Intercom-Version with a version from the changelog, such as 2.14.",
            "Developer Hub > your app > API version: raise it, if requests carry no version of their own.",
        ];
    FixInput = "fix_input", "correct the input",
        causes: [
            "A value has the wrong format or type, such as an e-mail without a host.",
            "A required field is missing.",
            "A custom attribute does not exist yet, or its name is longer than 190 characters.",
        ],
        fixes: [
            "Read every item of the error list: code, field and message name what to change.",
            "Check input before it is sent; GET /data_attributes lists the attributes that exist.",
        ];
    FixJson = "fix_json", "send a body that is JSON",
        causes: [
            "The body is no JSON: cut off, with quotes not escaped, encoded as a form, or encoded twice.",
            "The Content-Type header is missing or names something else than application/json.",
        ],
        fixes: [
            "Write the body with a JSON library, and send Content-Type: application/json.",
            "See that the Content-Length is counted in bytes, not in characters.",
        ];
    FixMethod = "fix_method", "use a method that this path has",
        causes: ["The path does not know the method; Intercom answers 404 to that."],
        fixes: ["Compare method and path with the endpoint's page of the API reference: updates are PUT as a rule, not PATCH."];
    FollowMerge = "follow_merge", "read the contact it was merged into",
        causes: ["The contact was merged into another one, and its id is no longer in use."],
        fixes: ["Take the id from the Link header, read GET /contacts/{id}, and store it in place of the old one."];
    LookUpById = "look_up_by_id", "look it up by its id, for several match",
        causes: ["Several users have the same e-mail address, so it does not say which one is meant."],
        fixes: [
            "Name the user by user_id or id instead of by e-mail.",
            "POST /contacts/search with the e-mail lists all of them; merge those that are one person.",
        ];
    NothingToDo = "nothing_to_do", "take it for done, for it is as wanted already",
        causes: [
            "The same was asked for before, and was done: an earlier attempt went through, or another program was faster.",
        ],
        fixes: [
            "Go on as after a success.",
            "Where it matters who did it, read the resource with GET.",
        ];
    RegenerateToken = "regenerate_token", "get a working access token",
        causes: [
            "The access token is expired, revoked or mistyped.",
            "The token was regenerated in the Developer Hub, but the program still has the old one.",
            "The token belongs to another app or region than is meant.",
        ],
        fixes: [
            "Call GET /me with the token: a good one answers with an object of type admin.",
            "Developer Hub > your app > Authentication: copy the access token, or regenerate it, and deploy it to every program that uses it.",
            "See that the base URL is that of the workspace's region (us, eu, au).",
        ];
    RestartPagination = "restart_pagination", "read the list again from its first page",
        causes: ["The starting_after cursor is not one that an earlier page gave, or it has grown old."],
        fixes: ["Begin without starting_after, and take each cursor from pages.next of the page before."];
    RestartScroll = "restart_scroll", "begin the scroll again from its start",
        causes: [
            "The server lost its place in a scroll; it cannot go on from there.",
            "The scroll has ended: it was read to its end, or nobody asked for more for a minute.",
        ],
        fixes: ["GET /companies/scroll without scroll_param, and drop what the broken scroll gave, or expect doubles."];
    RetryAndCheckStatus = "retry_and_check_status", "try again, and see the status page if it stays",
        causes: [
            "Something failed on Intercom's side, usually for a moment.",
            "A proxy or load balancer in between gave up waiting.",
        ],
        fixes: [
            "Send reads and writes that converge again, with growing waits; look up other writes before they are sent again.",
            "See https://www.intercomstatus.com for an incident.",
            "If it stays, send Intercom's support the request id.",
        ];
    SearchBeforeCreate = "search_before_create", "look for the existing one first",
        causes: [
            "There is something with the same e-mail, external id, name or URL already.",
            "Two programs created it at the same time.",
        ],
        fixes: [
            "POST /contacts/search before POST /contacts, and be ready for this answer all the same: the search lags by up to minutes.",
            "Use find_or_create, which holds under that race.",
        ];
    UnarchiveExisting = "unarchive_existing", "unarchive the contact that the message names",
        causes: ["An archived contact has the same e-mail or external id."],
        fixes: [
            "POST /contacts/{id}/unarchive with the id of the message, then update it with PUT /contacts/{id}.",
            "If that is refused, the contact was merged or deleted for good: use another e-mail or external id.",
        ];
    UpgradePlan = "upgrade_plan", "upgrade the workspace's plan",
        causes: ["The workspace's plan does not include this endpoint or feature."],
        fixes: ["Settings > Billing: see which plan includes it, or ask Intercom's support."];
    UseAnother = "use_another", "use another contact, for this one cannot be restored",
        causes: [
            "The contact was merged into another one, is about to be deleted for good, or was blocked.",
        ],
        fixes: [
            "GET /contacts/{id}: of a merged contact a 410 names the one it was merged into, in its Link header.",
            "Create a contact with another e-mail or external id; those of a deleted one are free after about a week.",
            "A blocked user is unblocked by a teammate in the inbox.",
        ];
    UseExisting = "use_existing", "use the contact that the message names",
        causes: [
            "A contact with the same e-mail or external id exists.",
            "Two programs created it at the same time, or the search has not indexed it yet.",
        ],
        fixes: [
            "Take the id from the message, read GET /contacts/{id}, and update it with PUT /contacts/{id} if need be.",
            "Use find_or_create, which does that.",
        ];
    UseScroll = "use_scroll", "read the list with the scroll",
        causes: ["Pages of companies end at 10,000 of them; the rest cannot be reached by page."],
        fixes: ["GET /companies/scroll, again and again with the scroll_param of the answer before, until `data` is empty."];
    VerifyId = "verify_id", "check the id",
        causes: [
            "The id is mistyped, or of another workspace.",
            "The resource was deleted.",
            "A user id stands where a contact id is expected, or the other way round.",
        ],
        fixes: [
            "Ask for the resource with GET before working on it, and take 404 as an answer.",
            "Look a contact up by your own id with GET /contacts/find_by_external_id/{external_id}.",
            "See that path and method are right: an unsupported method answers 404 too.",
        ];
    WaitForIndex = "wait_for_index", "wait some seconds if the contact is new, else check its id",
        causes: [
            "A contact that was just created cannot be messaged yet: until then the answer is 404.",
            "The id is wrong, or of another workspace; the answer is the same.",
        ],
        fixes: [
            "If the contact was created a moment ago, send the message again after some seconds, a few times at most.",
            "Else GET /contacts/{id} shows whether it exists.",
        ];
    WaitForJob = "wait_for_job", "wait until what is under way has ended",
        causes: [
            "As many jobs, uploads or scrolls are under way as are admitted at a time.",
            "A scroll was left open; it ends after a minute without a request.",
        ],
        fixes: [
            "Ask for the job's state until it has ended, then send the request again.",
            "Read a scroll to its end, or wait 60 seconds before beginning another one.",
        ];
}
