//! The arguments of `contact`.

use clap::{ArgGroup, Subcommand};
use intercom_protocol::flows::OnArchived;
use intercom_protocol::{AttributeValue, Role};

const CONTACT: &str = concat!(
    include_str!("../help/contact.txt"),
    "\n",
    exits!(),
    ", 3 not found (`contact find`)."
);

#[derive(Debug, Subcommand)]
pub(crate) enum Contact {
    /// Read a contact by its id, and follow merges
    #[command(after_help = CONTACT)]
    Find {
        /// The id that Intercom gave the contact
        id: String,
    },
    /// Find the contact with this e-mail address or external id, or create it; does not update an existing one
    FindOrCreate(FindOrCreate),
    /// Create the contact, or update the existing one, so that it is as given
    Upsert(Upsert),
}

#[derive(Debug, clap::Args)]
#[command(after_help = CONTACT)]
pub(crate) struct FindOrCreate {
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// The name of a new contact; an existing one keeps its name
    #[arg(long)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = CONTACT)]
pub(crate) struct Upsert {
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// The name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The telephone number
    #[arg(long)]
    pub(crate) phone: Option<String>,
    /// A custom attribute, like plan=pro or seats=3; put a text that looks like a number in quotes: zip='"02134"'
    #[arg(long, value_name = "NAME=VALUE", value_parser = attribute)]
    pub(crate) attribute: Vec<(String, AttributeValue)>,
}

/// Which contact.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("identity").multiple(true))]
pub(crate) struct Wanted {
    /// The e-mail address of the contact
    #[arg(long, group = "identity")]
    pub(crate) email: Option<String>,
    /// Your own id for the contact
    #[arg(long, value_name = "ID", group = "identity")]
    pub(crate) external_id: Option<String>,
    /// The role: user or lead
    #[arg(long, default_value_t = Role::User)]
    pub(crate) role: Role,
    /// What to do with an archived contact: unarchive, return or refuse
    #[arg(long, default_value_t = OnArchived::Unarchive, value_name = "WHAT")]
    pub(crate) on_archived: OnArchived,
}

/// Reads a custom attribute. The value is JSON, or else a text.
fn attribute(text: &str) -> Result<(String, AttributeValue), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("use NAME=VALUE, like plan=pro")?;
    Ok((name.to_owned(), AttributeValue::parse(value)))
}
